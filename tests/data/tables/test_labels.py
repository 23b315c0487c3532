import logging
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
import yaml

from emotionart.config.compose import compose
from emotionart.data.tables.labels import Grouping, hard_labels
from emotionart.data.tables.table import ArtworkTable
from emotionart.errors import UserError


def table(votes: Sequence[Sequence[float]], labels: Sequence[str]) -> ArtworkTable:
    count = len(votes)
    return ArtworkTable(
        image=np.array([f"{row}.png" for row in range(count)], dtype=object),
        labels=tuple(labels),
        votes=np.array(votes, dtype=np.float32),
        group=np.full(count, "", dtype=object),
        tags=(frozenset(),) * count,
    )


def grouping(classes: Mapping[str, Sequence[str]] | None, unknown: str = "error") -> Grouping:
    return Grouping(classes, unknown, "votes")  # type: ignore[arg-type]


ART = table([[1, 0, 2], [0, 3, 0], [0, 0, 0]], ["fear", "joy", "sadness"])


def test_votes_of_a_class_are_those_of_its_labels() -> None:
    classes, histogram = grouping({"bad": ["Fear ", "SADNESS"], "good": ["joy"]}).group(ART)
    assert classes == ("bad", "good")
    assert histogram.tolist() == [[3, 0], [0, 3], [0, 0]]


def test_as_is_makes_each_label_a_class() -> None:
    classes, histogram = grouping(None).group(ART)
    assert classes == ART.labels
    assert (histogram == ART.votes).all()


def test_labels_that_no_class_names_are_all_listed_with_counts() -> None:
    with pytest.raises(UserError, match=r"2 labels belong to no class: 'fear' \(1\), 'sadness' \(2\)") as caught:
        grouping({"good": ["joy"], "bad": ["sad", "fears"]}).group(ART)
    assert "labels.unknown=drop" in str(caught.value)
    assert caught.value.suggestions == ("fears",)


def test_labels_that_no_class_names_can_be_dropped(caplog: pytest.LogCaptureFixture) -> None:
    _, histogram = grouping({"good": ["joy"]}, unknown="drop").group(ART)
    assert histogram.tolist() == [[0], [3], [0]]
    assert "Labels that no class names are dropped: 'fear' (1), 'sadness' (2)" in caplog.text


def test_a_class_that_no_artwork_has_is_reported_and_kept(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        classes, histogram = grouping({"all": ART.labels, "none": ["envy"]}).group(ART)
    assert classes == ("all", "none")
    assert histogram[:, 1].sum() == 0
    assert "No artwork has a label of class 'none'" in caplog.text


@pytest.mark.parametrize(("written", "quoted"), [("no", '"no"'), ("null", '"null"'), ("1850", '"1850"')])
def test_a_label_that_yaml_does_not_read_as_text_shows_the_quotes(written: str, quoted: str) -> None:
    classes = yaml.safe_load(f"odd: [{written}, fear, joy, sadness]")
    with pytest.raises(UserError, match="YAML reads this label as") as caught:
        grouping(classes).group(ART)
    assert quoted in str(caught.value)


@pytest.mark.parametrize(("members", "fix"), [("joy", "one: [joy]"), (None, "one: []"), (3, "one: [3]")])
def test_a_class_without_a_list_is_told(members: object, fix: str) -> None:
    with pytest.raises(UserError, match="A class has a list of labels, not") as caught:
        grouping({"one": members}).group(ART)
    assert (caught.value.where, caught.value.fix) == ("labels.classes.one", fix)


def test_without_labels_nothing_has_a_class() -> None:
    assert hard_labels(np.zeros((3, 0), np.float32), ["a", "b", "c"]).tolist() == [-1, -1, -1]


def test_a_label_in_two_classes_is_an_error() -> None:
    with pytest.raises(UserError, match="Label 'JOY' stands in two classes, 'one' and 'two'"):
        grouping({"one": ["joy", "fear"], "two": ["JOY", "sadness"]}).group(ART)


def test_pooled_probabilities_are_conditional_on_the_labels_that_are_kept() -> None:
    pooled = grouping({"good": ["joy"], "bad": ["fear"]}).pool(ART.labels, np.array([[0.3, 0.1, 0.6]]))
    np.testing.assert_allclose(pooled, [[0.25, 0.75]])


def test_the_hard_label_is_the_majority() -> None:
    votes = np.array([[1, 2, 0], [5, 0, 0], [0, 0, 0]], dtype=np.float32)
    assert hard_labels(votes, ["a", "b", "c"]).tolist() == [1, 0, -1]


def test_ties_favour_no_class_and_do_not_depend_on_the_row() -> None:
    ids = [f"art{number}" for number in range(6_000)]
    votes = np.tile(np.array([[2, 0, 2, 2]], dtype=np.float32), (6_000, 1))
    labels = hard_labels(votes, ids)
    counts = np.bincount(labels, minlength=4)
    assert counts[1] == 0
    assert np.abs(counts[[0, 2, 3]] - 2_000).max() < 200
    assert (hard_labels(votes[:10], ids[:10]) == labels[:10]).all()


def test_the_emotions_are_the_studys() -> None:
    classes = compose(["labels=emotions"]).config.labels.classes
    assert [set(labels) for labels in classes.values()] == [
        {"sadness", "fear", "disgust", "anger"},
        {"neutral", "na"},
        {"lust", "envy", "surprise"},
        {"optimism", "joy", "love"},
    ]


def test_the_periods_are_the_sixteen_quarter_centuries() -> None:
    classes = compose(["labels=periods"]).config.labels.classes
    quarters = [f"{year}-{year + 24}" for year in range(1500, 1900, 25)]
    assert [label for labels in classes.values() for label in labels] == quarters
    assert [len(labels) for labels in classes.values()] == [4, 4, 4, 4]
