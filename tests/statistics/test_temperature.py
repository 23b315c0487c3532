import numpy as np
import pytest
import scipy.stats
from scipy.optimize import minimize
from scipy.special import softmax

from emotionart.statistics.calibration.temperature import HIGHEST, LOWEST, PRIOR, apply_temperature, fit_temperature


def _world(count: int, truth: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """What a model says that is too sure by a factor, and labels drawn from what it ought to say."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 2, (count, 4))
    shares = softmax(logits / truth, axis=1)
    label = (shares.cumsum(axis=1) > generator.random((count, 1))).argmax(axis=1)
    return softmax(logits, axis=1), np.eye(4)[label]


def _weak(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The calibrated predictions of a network that hardly tells classes apart."""
    generator = np.random.default_rng(seed)
    shares = softmax(generator.normal(0, 0.3, (count, 4)), axis=1)
    label = (shares.cumsum(axis=1) > generator.random((count, 1))).argmax(axis=1)
    return shares, np.eye(4)[label]


@pytest.mark.parametrize("truth", [0.5, 1.0, 2.5])
def test_the_temperature_of_a_known_world_is_found(truth: float) -> None:
    assert fit_temperature(*_world(20_000, truth)) == pytest.approx(truth, rel=0.05)


def test_it_is_the_most_probable_of_all_that_a_general_search_finds() -> None:
    probabilities, target = _world(30, 1.7)

    def loss(inverse: np.ndarray) -> float:
        likelihood = (target * np.log(softmax(inverse[0] * np.log(probabilities), axis=1))).sum()
        return -likelihood - scipy.stats.norm.logpdf(np.log(inverse[0]), scale=PRIOR)

    expected = 1 / minimize(loss, [1.0], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10}).x[0]
    assert fit_temperature(probabilities, target) == pytest.approx(expected, rel=1e-4)


def test_a_model_that_is_right_on_a_few_artworks_does_not_become_certain() -> None:
    target = np.eye(3)[[0, 1, 2, 0, 1]]
    probabilities = 0.6 * target + 0.4 / 3
    few, many = (
        apply_temperature(probabilities, fit_temperature(np.tile(probabilities, (n, 1)), np.tile(target, (n, 1)))).max()
        for n in (1, 1000)
    )
    assert 0.8 < few < 0.9
    assert many > 0.999


def test_a_few_artworks_move_the_temperature_less_than_many() -> None:
    """Those of a weak network: by maximum likelihood, twenty may sharpen it twentyfold."""
    distance = {
        count: np.mean([abs(np.log(fit_temperature(*_weak(count, seed)))) for seed in range(20)])
        for count in (20, 20_000)
    }
    assert distance[20] < 0.5
    assert distance[20_000] < 0.1
    alone = np.mean([abs(np.log(fit_temperature(*_weak(20, seed), prior=np.inf))) for seed in range(20)])
    assert alone > 2 * distance[20]


def test_probabilities_of_zero_and_one_stay_finite_and_in_order() -> None:
    target = np.eye(3)[[0, 1, 1, 2]]
    probabilities = np.array([[1.0, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0.25, 0.75]])
    temperature = fit_temperature(probabilities, target)
    calibrated = apply_temperature(probabilities, temperature)
    assert LOWEST <= temperature <= HIGHEST
    np.testing.assert_array_equal(calibrated.argmax(axis=1), probabilities.argmax(axis=1))
    np.testing.assert_allclose(calibrated.sum(axis=1), 1)


def test_a_temperature_of_one_changes_nothing() -> None:
    probabilities, _ = _world(50, 1.0)
    np.testing.assert_allclose(apply_temperature(probabilities, 1.0), probabilities, rtol=1e-12)
