import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from emotionart.statistics.estimate import (
    Estimate,
    GroupSizes,
    clustered_mean,
    clustered_variance,
    effective_groups,
    few_groups_warning,
)


def grouped(groups: int, artworks: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Hits that artists share in part, and the artists, of log-normal numbers of works."""
    generator = np.random.default_rng(seed)
    size = generator.lognormal(sigma=0.8, size=groups)
    group = np.repeat(np.arange(groups), np.maximum(1, np.round(artworks * size / size.sum())).astype(int))
    chance = generator.beta(0.7 * 6, 0.3 * 6, groups)[group]
    return (generator.random(len(group)) < chance).astype(float), group


@pytest.mark.parametrize("groups", [6, 21, 120])
def test_the_variance_is_that_of_statsmodels_clustered_regression(groups: int) -> None:
    values, group = grouped(groups, 120, groups)
    oracle = sm.OLS(values, np.ones(len(values))).fit(cov_type="cluster", cov_kwds={"groups": group})
    found = clustered_mean(values, group)
    assert found.value == pytest.approx(oracle.params[0])
    assert math.sqrt(found.variance) == pytest.approx(oracle.bse[0])


def test_of_single_artworks_the_interval_is_students() -> None:
    values = np.random.default_rng(0).normal(size=30)
    expected = stats.ttest_1samp(values, 0)
    found = clustered_mean(values, np.arange(30))
    assert found.interval() == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert found.p_value() == pytest.approx(expected.pvalue)


def test_kishs_number_of_groups() -> None:
    assert effective_groups(np.repeat(np.arange(5), 8)) == pytest.approx(5)
    assert effective_groups(np.array([0, 0, 0, 1])) == pytest.approx(16 / 10)


def test_one_dominant_artist_is_warned_of_as_few_are() -> None:
    even = np.repeat(np.arange(10), 7)
    assert few_groups_warning(GroupSizes.of(even)) is None
    few = few_groups_warning(GroupSizes.of(even[7:] - 1))
    assert few is not None
    assert few.startswith("Only 9 artists")
    skewed = np.concatenate([np.repeat(10, 30), even])
    told = few_groups_warning(GroupSizes.of(skewed), "Rembrandt")
    assert told is not None
    assert "The 11 artists (or single artworks) of the test split count as 7.2," in told  # 100² / (30² + 10 · 7²)
    assert "as one (Rembrandt) has 30 of its 100 works" in told
    assert few_groups_warning(GroupSizes.of(np.concatenate([skewed, 11 + np.arange(30)]))) is None


@pytest.mark.parametrize("groups", [6, 10, 21])
def test_an_interval_over_few_artists_covers_the_truth(groups: int) -> None:
    inside = 0
    for trial in range(600):
        low, high = clustered_mean(*grouped(groups, 120, trial)).interval(0, 1)
        inside += low <= 0.7 <= high
    assert inside >= 0.92 * 600


def test_of_one_group_nothing_is_known() -> None:
    found = clustered_mean(np.array([0.0, 1.0]), np.zeros(2, int))
    assert math.isnan(clustered_variance(np.array([0.5, -0.5]), np.zeros(2, int)))
    assert (found.value, found.known, found.interval(0, 1), found.p_value()) == (0.5, False, (0, 1), 1)
    assert found.detectable() == math.inf


def test_a_detectable_difference_is_found_as_often_as_it_says() -> None:
    generator = np.random.default_rng(0)
    draws = generator.normal(size=(2000, 12))
    known = Estimate(0, 1 / 12, 11)
    found = [clustered_mean(draw + known.detectable(), np.arange(12)).p_value() < 0.05 for draw in draws]
    assert np.mean(found) == pytest.approx(0.8, abs=0.03)
