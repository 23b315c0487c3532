import numpy as np
import pytest
from scipy.special import softmax

from emotionart.statistics.calibration.conformal import (
    fewest_artworks,
    highest_level,
    prediction_sets,
    set_threshold,
)


def _world(generator: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of a model that is far too sure, and labels drawn from what it ought to say."""
    logits = generator.normal(0, 1, (count, 4))
    label = (softmax(logits, axis=1).cumsum(axis=1) > generator.random((count, 1))).argmax(axis=1)
    return softmax(3 * logits, axis=1), label


@pytest.mark.parametrize(("count", "level"), [(19, 0.9), (100, 0.9), (100, 0.8)])
def test_sets_hold_the_truth_as_often_as_promised_however_wrong_the_model(count: int, level: float) -> None:
    generator = np.random.default_rng(0)
    held, without_top = [], []
    for _ in range(400):
        threshold = set_threshold(*_world(generator, count), level)
        probabilities, label = _world(generator, 200)
        held.append(prediction_sets(probabilities, threshold)[np.arange(200), label].mean())
        without_top.append((probabilities[np.arange(200), label] >= threshold).mean())
    exact = np.ceil(round((count + 1) * level, 9)) / (count + 1)  # what theory says of scores without ties
    assert np.mean(without_top) == pytest.approx(exact, abs=0.01)
    assert np.mean(held) >= exact - 0.01


def test_too_few_artworks_promise_all_classes() -> None:
    probabilities, label = _world(np.random.default_rng(0), 8)
    assert fewest_artworks(0.9) == 9
    assert fewest_artworks(0.95) == 19
    assert prediction_sets(probabilities, set_threshold(probabilities, label, 0.9)).all()


def test_nine_artworks_are_enough_for_nine_of_ten() -> None:
    probabilities = np.tile([[0.9, 0.1]], (9, 1))
    threshold = set_threshold(probabilities, np.zeros(9, dtype=np.int64), 0.9)
    assert threshold == 0.9
    assert prediction_sets(np.array([[0.95, 0.05], [0.5, 0.5]]), threshold).tolist() == [[True, False], [True, True]]


def test_the_highest_level_is_one_that_so_many_artworks_allow() -> None:
    assert highest_level(0) == 0
    for count in range(1, 3000):
        level = float(f"{highest_level(count):g}")
        assert 0 < level < 1
        assert fewest_artworks(level) <= count < fewest_artworks(min(level + 0.001, 0.9999))
