"""Learning curves with a known truth."""

import numpy as np
import pytest
from scipy.optimize import curve_fit

from emotionart.statistics.learning_curve import fit_power_law

COUNTS = (125, 250, 500, 1000, 2000)


def truth(count: float) -> float:
    return 1 - (0.25 + 2.5 * count**-0.5)


def simulated(seed: int, spread: float) -> list[list[float]]:
    generator = np.random.default_rng(seed)
    return [(truth(count) + generator.normal(0, spread, 5)).tolist() for count in COUNTS]


def test_without_noise_the_law_is_found() -> None:
    law = fit_power_law(COUNTS, [[truth(count)] * 3 for count in COUNTS])
    assert law is not None
    assert law.parameters == pytest.approx([0.25, 2.5, 0.5], rel=0.02)
    assert law.accuracy([4000]) == pytest.approx([truth(4000)], abs=1e-3)
    gain, low, high = law.gain(2000, 500)
    assert (gain, low, high) == pytest.approx((truth(2500) - truth(2000),) * 3, abs=1e-3)


def test_the_interval_of_a_gain_holds_the_truth() -> None:
    held = 0
    for seed in range(100):
        law = fit_power_law(COUNTS, simulated(seed, 0.01), seed)
        assert law is not None
        _, low, high = law.gain(2000, 500)
        held += low <= truth(2500) - truth(2000) <= high
    assert held >= 85
    assert held < 100


def test_the_fit_is_scipys() -> None:
    accuracy = simulated(7, 0.005)
    law = fit_power_law(COUNTS, accuracy)
    error = 1 - np.mean(accuracy, axis=1)
    bounds = ((0, 0, 0.1), (1, 50, 2))
    found, _ = curve_fit(lambda n, a, b, c: a + b * n**-c, COUNTS, error, p0=(0.2, 3, 0.5), bounds=bounds)
    assert law is not None
    assert law.accuracy(COUNTS) == pytest.approx(
        1 - (found[0] + found[1] * np.array(COUNTS, float) ** -found[2]), abs=5e-4
    )


def test_too_little_to_fit_is_not_fitted() -> None:
    assert fit_power_law(COUNTS[:3], simulated(0, 0.01)[:3]) is None
    assert fit_power_law(COUNTS, [[0.5]] * 5) is None
