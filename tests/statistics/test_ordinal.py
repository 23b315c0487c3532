import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, mean_absolute_error

from emotionart.statistics.ordinal import ordinal, weighted_kappa


def draw(generator: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    labels = generator.choice(5, count, p=[0.1, 0.2, 0.4, 0.2, 0.1])
    return np.clip(labels + generator.integers(-1, 3, count), 0, 4), labels


def test_ordinal_metrics_are_those_of_scikit_learn() -> None:
    predicted, labels = draw(np.random.default_rng(0), 200)
    found = ordinal(predicted, labels, np.arange(200), 5)
    assert found["class_error"]["value"] == pytest.approx(mean_absolute_error(labels, predicted))
    assert found["weighted_kappa"]["value"] == pytest.approx(cohen_kappa_score(labels, predicted, weights="quadratic"))


def test_the_interval_of_kappa_holds_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(1)
    truth = cohen_kappa_score(*draw(generator, 400_000), weights="quadratic")
    held = 0
    for _ in range(400):
        found = weighted_kappa(*draw(generator, 120), np.arange(120))
        assert found is not None
        low, high = found.interval()
        held += low <= truth <= high
    assert 0.92 <= held / 400 <= 0.98


def test_a_constant_guess_is_chance_and_a_single_class_has_no_kappa() -> None:
    labels, group = np.array([0, 1, 2, 2]), np.arange(4)
    assert ordinal(np.full(4, 1), labels, group, 3)["weighted_kappa"]["value"] == pytest.approx(0)
    assert ordinal(np.full(4, 1), np.full(4, 1), group, 3)["weighted_kappa"]["value"] is None
