import numpy as np
import pytest

from emotionart.config.compose import compose
from emotionart.data.gallery.annotators import cast_votes, vote_probability
from emotionart.data.gallery.emotion import NAMES, SHARES
from emotionart.data.tables.labels import Grouping, hard_labels
from emotionart.statistics.annotators.ceilings import win_probabilities


def study() -> Grouping:
    return Grouping(compose(["labels=emotions"]).config.labels.classes, "error", "votes")


def test_votes_are_probabilities_and_39_percent_are_neutral_or_na() -> None:
    matrix = vote_probability()
    np.testing.assert_allclose(matrix.sum(axis=1), 1)
    assert sum(SHARES) == pytest.approx(1)
    share = (np.array(SHARES) @ matrix)[[NAMES.index("neutral"), NAMES.index("na")]].sum()
    assert share == pytest.approx(0.39, abs=0.01)


@pytest.mark.parametrize(("labels", "expected"), [("emotions", 0.805), ("as_is", 0.700)])
def test_an_oracle_that_knows_the_emotion_reaches_the_ceiling(labels: str, expected: float) -> None:
    grouping = study() if labels == "emotions" else Grouping(None, "error", "votes")
    count = 20_000
    emotion = np.random.default_rng(0).choice(len(NAMES), count, p=SHARES)
    pooled = grouping.pool(NAMES, vote_probability())
    member = np.eye(len(NAMES)) if labels == "as_is" else (study().pool(NAMES, np.eye(len(NAMES))) > 0)
    votes = cast_votes(emotion, 5, seed=1) @ member
    label = hard_labels(votes.astype(np.float32), [str(row) for row in range(count)])
    best = np.array([np.bincount(label[emotion == index]).argmax() for index in range(len(NAMES))])
    reached = (best[emotion] == label).mean()
    known = win_probabilities(pooled[emotion], np.full(count, 5)).max(axis=1).mean()
    assert known == pytest.approx(expected, abs=0.01)
    assert abs(reached - known) < 1.96 * np.sqrt(known * (1 - known) / count)


def test_votes_of_an_artwork_do_not_depend_on_the_others() -> None:
    emotion = np.arange(100) % len(NAMES)
    votes = cast_votes(emotion, 5, seed=3)
    assert (votes[:40] == cast_votes(emotion[:40], 5, seed=3)).all()
    assert (votes.sum(axis=1) == 5).all()
    assert (votes != cast_votes(emotion, 5, seed=4)).any()
