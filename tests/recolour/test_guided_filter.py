import numpy as np
import pytest

from emotionart.recolour.guided_filter import guided_filter

RADIUS, SOFTNESS = 2, 3.0


@pytest.fixture
def guide() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 20, (17, 13, 3)).astype(np.float32)


def test_it_is_the_mean_of_the_ridge_regressions_of_all_windows_around_a_pixel(guide: np.ndarray) -> None:
    """He, Sun and Tang 2013, equations 14 to 19, away from the borders, by least squares in each window."""
    values = np.random.default_rng(1).normal(0, 5, (17, 13, 2)).astype(np.float32)
    found = guided_filter(guide, values, guide, RADIUS, SOFTNESS)
    y, x, at, n = 8, 6, [], (2 * RADIUS + 1) ** 2
    for dy in range(-RADIUS, RADIUS + 1):
        for dx in range(-RADIUS, RADIUS + 1):
            window = np.s_[y + dy - RADIUS : y + dy + RADIUS + 1, x + dx - RADIUS : x + dx + RADIUS + 1]
            seen, wanted = guide[window].reshape(n, 3).astype(float), values[window].reshape(n, 2).astype(float)
            centred = seen - seen.mean(axis=0)
            slope = np.linalg.solve(centred.T @ centred + n * SOFTNESS**2 * np.eye(3), centred.T @ wanted)
            at.append((guide[y, x] - seen.mean(axis=0)) @ slope + wanted.mean(axis=0))
    np.testing.assert_allclose(found[y, x], np.mean(at, axis=0), rtol=1e-3, atol=1e-3)


def test_values_that_follow_the_guide_come_back_at_any_size(guide: np.ndarray) -> None:
    matrix = np.array([[1, 0], [0.5, -1], [0, 2]], np.float32)
    larger = guide.repeat(3, axis=0).repeat(2, axis=1)
    found = guided_filter(guide, guide @ matrix + 7, larger, RADIUS, 1e-3)
    np.testing.assert_allclose(found, larger @ matrix + 7, atol=0.02)


def test_a_step_of_the_guide_stays_a_step_and_noise_in_a_flat_part_goes() -> None:
    guide = np.zeros((40, 40, 3), np.float32)
    guide[:, 20:] = 60
    values = np.where(guide[..., :1] > 0, 30, 0) + np.random.default_rng(0).normal(0, 5, (40, 40, 1))
    found = guided_filter(guide, values.astype(np.float32), guide, 6, 5.0)
    assert found[:, :20].std() < 1
    assert found[:, 20:].std() < 1
    assert found[:, 20:].mean() - found[:, :20].mean() == pytest.approx(30, abs=1)
