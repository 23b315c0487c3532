"""What the numbers and the labels of a table are, and who counted."""

import logging
from pathlib import Path

import numpy as np
import pytest

from emotionart.data.tables.labels import Grouping, tied
from emotionart.data.tables.layouts.reading import read_table
from emotionart.data.tables.measurement import Quantiles
from emotionart.errors import UserError
from tests.data.tables.cases import COUNT, LABELS, NAMES, label, pictures, write


def test_a_measurement_is_told_and_cut_at_the_quantiles_of_training(art: Path) -> None:
    values = [round(1 + 6 * ((37 * n) % 60) / 59, 2) for n in range(COUNT)]
    path = write(art / "valence.csv", ["image", "valence"], list(zip(NAMES, values, strict=True)))
    table = read_table(path, label="valence")
    with pytest.raises(UserError, match="60 different numbers from 1 to 7 on 60 artworks") as caught:
        Grouping(None, "error", "votes").group(table)
    assert "labels=quantiles labels.bins=3" in caught.value.fix
    classes, histogram = Quantiles(3, None, "votes").group(table)
    assert len(classes) == 3
    assert histogram.sum(axis=0).tolist() == [20, 20, 20]
    training = np.array(values) < 4
    _, histogram = Quantiles(3, None, "votes").group(table, training)
    assert histogram[training].sum(axis=0).tolist() == [10, 10, 10]
    _, histogram = Quantiles(3, [3, 5], "votes").group(table)
    np.testing.assert_array_equal(histogram.argmax(axis=1), np.digitize(values, [3, 5]))


def test_classes_between_large_numbers_have_names_of_their_own(art: Path) -> None:
    """Results are by the names of classes, of which two equal ones would be one."""
    dates = write(art / "dates.csv", ["image", "date"], [(name, 19980101 + n) for n, name in enumerate(NAMES)])
    table = read_table(dates, label="date")
    names = ("below 19980115", "19980115 to 19980130", "19980130 to 19980145", "19980145 and above")
    assert Quantiles(4, [19980115, 19980130, 19980145], "votes").group(table)[0] == names
    assert len(set(Quantiles(20, None, "votes").group(table)[0])) == 20
    close = Quantiles(3, [19980115.01, 19980115.02], "votes").group(table)[0]
    assert close[1] == "19980115.01 to 19980115.02"
    assert Quantiles(3, [2.5, 5.00339], "votes").group(table)[0] == ("below 2.5", "2.5 to 5.003", "5.003 and above")


def test_ratings_are_labels_and_a_column_of_names_is_neither(art: Path) -> None:
    ratings = write(art / "ratings.csv", ["image", "label"], [(n, 1 + i % 7) for i, n in enumerate(NAMES)])
    assert read_table(ratings).labels == tuple("1234567")
    assert Grouping(None, "error", "votes", ordered=True).group(read_table(ratings))[0] == tuple("1234567")
    titles = write(art / "titles.csv", ["image", "label"], [(n, f"Work {i}") for i, n in enumerate(NAMES)])
    with pytest.raises(UserError, match="60 different labels in 60 rows: it names no classes"):
        read_table(titles)


@pytest.mark.parametrize("word", ["?", "n/a", "NA", "Skip", "keine Angabe"])
def test_a_word_among_numbers_is_a_missing_one_and_told(art: Path, caplog: pytest.LogCaptureFixture, word: str) -> None:
    ratings = [(name, word if number % 10 == 0 else 1 + number % 5) for number, name in enumerate(NAMES)]
    table = read_table(write(art / "ratings.csv", ["image", "label"], ratings))
    assert f"column 'label' holds numbers, and for missing ones {word!r} (6); these rows have no label" in caplog.text
    assert table.labels == tuple("12345")
    assert table.votes.sum(axis=1).tolist() == [0 if number % 10 == 0 else 1 for number in range(COUNT)]
    _, histogram = Quantiles(2, None, "votes").group(table)
    assert histogram.sum() == COUNT - 6
    valences = [(name, word if number == 0 else 1 + 0.11 * number) for number, name in enumerate(NAMES)]
    assert np.isnan(read_table(write(art / "valences.csv", ["image", "label"], valences)).measurement).sum() == 1


def test_a_column_of_names_beside_numbers_is_told(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [(name, LABELS.index(label(n)), label(n), f"t{n}") for n, name in enumerate(NAMES)]
    with caplog.at_level(logging.INFO):
        read_table(write(art / "ids.csv", ["image", "label", "label name", "title"], rows))
    assert "column 'label name' has a name for each number" in caplog.text
    assert """with names: 'data.label="label name"'""" in caplog.text


def test_a_rating_of_every_label_is_no_vote(art: Path) -> None:
    rows = [(name, one, 1 + (n + index) % 7) for n, name in enumerate(NAMES) for index, one in enumerate(LABELS)]
    path = write(art / "ratings.csv", ["image", "label", "value"], rows)
    assert read_table(path, rows="votes", weight="value").annotation == "shares"
    with pytest.raises(UserError, match="rows with different labels") as caught:
        read_table(path)
    assert "data.rows=votes data.weight=value" in caught.value.fix


def test_a_code_among_votes_is_shown(art: Path) -> None:
    rows = [(name, "#N/A" if n == 7 else n % 3, 1) for n, name in enumerate(NAMES)]
    with pytest.raises(UserError, match="column 'joy' has others, such as '#N/A'") as caught:
        read_table(write(art / "codes.csv", ["image", "joy", "fear"], rows), votes=["joy", "fear"])
    assert caught.value.fix == "empty cells in place of '#N/A'"


def test_a_word_among_words_stays_a_label(art: Path) -> None:
    rows = [(name, ("joy", "fear", "NA", "?")[number % 4]) for number, name in enumerate(NAMES)]
    assert read_table(write(art / "words.csv", ["image", "label"], rows)).labels == ("?", "fear", "joy", "na")


@pytest.mark.parametrize(
    ("columns", "rows", "annotation"),
    [
        (("joy", "calm"), [("True", "False"), ("False", "True")], "flags"),
        (("joy", "calm"), [(1, 1), (0, 1)], "flags"),
        (("joy", "calm"), [(0.3, 0.4), (0, 0.5)], "shares"),
        (("joy", "calm"), [(30, 70), (60, 40)], "shares"),
        (("joy", "calm"), [(3, 1), (2, 4)], "votes"),
        (("joy", "calm", "fear"), [(5, 3, 2), (2, 1, 7)], "votes"),  # of ten people
        (("joy", "calm", "fear"), [(5, 3, 2), (2, 1, 6)], "shares"),  # ratings
    ],
)
def test_who_counted_is_judged_by_the_numbers(art: Path, columns, rows, annotation: str) -> None:
    table = [(name, *rows[number % 2]) for number, name in enumerate(NAMES)]
    path = write(art / "numbers.csv", ["image", *columns], table)
    assert read_table(path, votes=list(columns)).annotation == annotation
    assert read_table(path, votes=list(columns), annotation="shares").annotation == "shares"


def test_one_hot_rows_of_several_workers_are_votes(art: Path) -> None:
    rows = [(name, number % 2, 1 - number % 2) for number, name in enumerate(NAMES)] * 2
    table = read_table(write(art / "workers.csv", ["image", "joy", "calm"], rows), votes=["joy", "calm"])
    assert table.annotation == "votes"
    assert table.votes.sum(axis=1).tolist() == [2] * COUNT


def test_weights_are_kept_as_shares_and_counts_as_votes(art: Path) -> None:
    shares = [(name, one, share) for name in NAMES for one, share in zip(LABELS, (0.6, 0.3, 0.1), strict=True)]
    table = read_table(write(art / "share.csv", ["image", "label", "share"], shares), rows="votes", weight="share")
    assert table.annotation == "shares"
    assert dict(zip(table.labels, table.votes[0].round(6).tolist(), strict=True)) == pytest.approx(
        {"joy": 0.6, "sadness": 0.3, "calm": 0.1}
    )
    counts = [(name, one, round(10 * share) + 1) for name, one, share in shares]
    table = read_table(write(art / "count.csv", ["image", "label", "n"], counts), rows="votes", weight="n")
    assert table.annotation == "votes"
    assert table.votes[0].sum() == 13


def test_ties_are_counted() -> None:
    votes = np.array([[2, 2, 0], [1, 0, 0], [0, 0, 0], [1, 1, 1]], dtype=np.float32)
    assert tied(votes).tolist() == [True, False, False, True]


def test_labels_that_only_look_different_are_one(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    cells = [
        "fröhlich",
        "fro\u0308hlich",
        "Fröhlich ",
        "fröhlich\u200b",
        "traurig",
        "sehr  traurig",
        "sehr\u00a0traurig",
    ]
    path = write(art / "forms.csv", ["image", "label"], [(n, cells[i % 7]) for i, n in enumerate(NAMES)])
    with caplog.at_level(logging.INFO):
        assert read_table(path).labels == ("fröhlich", "sehr traurig", "traurig")
    assert "labels that differ in case or spaces alone are one" in caplog.text
    columns = write(art / "twice.csv", ["image", "Joy", "joy", "calm"], [(n, 1, 2, 3) for n in NAMES])
    table = read_table(columns, votes=["Joy", "joy", "calm"])
    assert table.labels == ("calm", "joy")
    assert table.votes[0].tolist() == [3, 3]


def test_decimal_commas_percents_and_flags_of_all_kinds_are_numbers(art: Path) -> None:
    def read(first: list[str], second: list[str]) -> tuple[str, list[float]]:
        rows = [(n, first[i % 2], second[i % 2]) for i, n in enumerate(NAMES)]
        path = write(art / "spelt_numbers.csv", ["image", "joy", "calm"], rows, delimiter=";")
        table = read_table(path, votes=["joy", "calm"])
        return table.annotation, table.votes[0].tolist()

    assert read(["0,75", "0,25"], ["0,25", "0,75"]) == ("shares", pytest.approx([0.25, 0.75]))
    assert read(["75 %", "20 %"], ["25 %", "80 %"]) == ("shares", [25, 75])
    assert read(["67", "33"], ["34", "67"]) == ("shares", [34, 67])
    assert read(["x", ""], ["", "x"]) == ("flags", [0, 1])
    assert read(["Y", "N"], ["N", "Y"]) == ("flags", [0, 1])
    values = [f"{1 + 6 * ((37 * n) % 60) / 59:.2f}".replace(".", ",") for n in range(COUNT)]
    table = read_table(
        write(art / "comma.csv", ["image", "label"], list(zip(NAMES, values, strict=True)), delimiter=";")
    )
    assert table.measurement.max() == 7


def test_ratings_of_every_label_are_no_votes(art: Path) -> None:
    rows = [(n, 1 + i % 5, 1 + (i + 1) % 5, 1 + (i + 2) % 5) for i, n in enumerate(NAMES)]
    path = write(art / "likert.csv", ["image", *LABELS], rows)
    assert read_table(path, votes=list(LABELS)).annotation == "shares"


def test_whole_numbers_beside_gaps_are_whole(art: Path) -> None:
    path = write(art / "gaps.csv", ["image", "label"], [(n, f"{i % 3}.0" if i else "") for i, n in enumerate(NAMES)])
    assert read_table(path).labels == ("0", "1", "2")


@pytest.mark.parametrize("column", ["n", "num_votes", "freq", "Percentage", "vote count"])
def test_columns_that_seem_to_count_are_named(art: Path, column: str) -> None:
    rows = [(name, one, number) for name in NAMES for number, one in enumerate(LABELS)]
    with pytest.raises(UserError, match="rows with different labels") as caught:
        read_table(write(art / "long.csv", ["image", "label", column], rows))
    assert "data.weight=" in caught.value.fix


def test_labels_that_are_the_same_number_are_one(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    def labels(*spelt: str) -> tuple[str, ...]:
        rows = [(name, spelt[number % len(spelt)]) for number, name in enumerate(NAMES)]
        return read_table(write(art / "spelt.csv", ["image", "label"], rows)).labels

    with caplog.at_level("INFO"):
        assert labels("1", "1.0", "01", "2", "") == ("1", "2")
    assert "labels that are the same number are one: '01' = '1' = '1.0'" in caplog.text
    assert labels("01", "02") == ("01", "02")
    assert labels("1.0", "2.0", "") == ("1", "2")
    assert labels("1", "1.0", "one") == ("1", "1.0", "one")


def test_rows_that_repeat_a_person_are_told(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [(name, label(number + who), f"p{who}") for number, name in enumerate(NAMES) for who in (0, 1, 2)]
    header = ["image", "label", "annotator_id"]
    read_table(write(art / "people.csv", header, rows), rows="votes")
    assert "repeat" not in caplog.text
    read_table(write(art / "people.csv", header, [*rows, rows[0], rows[4]]), rows="votes")
    assert "2 rows repeat the person in column 'annotator_id' for the same picture" in caplog.text
    assert "rows 182-183" in caplog.text


@pytest.mark.parametrize(("code", "told"), [("99", True), ("-1", True), ("8", False), ("", False)])
def test_a_code_for_a_missing_number_is_told(
    tmp_path: Path, code: str, told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    names = pictures(tmp_path, 24)
    scores = [code if number % 6 == 0 else str(1 + number % 7) for number in range(24)]
    path = write(tmp_path / "labels.csv", ["image", "label"], list(zip(names, scores, strict=True)))
    read_table(path)
    assert (f"is {code} a code for a missing number?" in caplog.text) == told
    assert (f"""'data.where="label != {code}"'""" in caplog.text) == told
    if told:
        assert len(read_table(path, where=f"label != {code}")) == 20


@pytest.mark.parametrize("names", [("label", "label2", "label3"), ("Anna", "Bernd", "Chris")])
def test_columns_of_the_same_labels_are_those_of_annotators(
    art: Path, names: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    rows = [(n, label(i), label(i), label(i + i % 2)) for i, n in enumerate(NAMES)]
    path = write(art / "raters.csv", ["image", *names], rows)
    if "label" in names:
        read_table(path)
    else:
        with pytest.raises(UserError, match="one for each annotator: 'Anna', 'Bernd', 'Chris'"):
            read_table(path)
        read_table(path, label="Anna")
    assert f"those of others are not used: {names[1]!r}, {names[2]!r}" in caplog.text
    caplog.clear()
    copies = write(
        art / "copies.csv", ["image", "label", "Label "], [(n, label(i), label(i).upper()) for i, n in enumerate(NAMES)]
    )
    read_table(copies)
    assert "annotator" not in caplog.text
