from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from emotionart.statistics.crossed import accuracy_difference, mean_accuracy, pooled, seed_variance
from emotionart.statistics.estimate import clustered_mean


def by_hand(hits: np.ndarray, group: np.ndarray) -> tuple[float, float]:
    """Variance over seeds, and what of it the artworks explain, in loops."""
    seeds, artworks = hits.shape
    names = sorted(set(group))
    explained = 0.0
    for seed in range(seeds):
        for name in names:
            members = [index for index in range(artworks) if group[index] == name]
            explained += sum(hits[seed, i] - hits[:, i].mean() - hits[seed].mean() + hits.mean() for i in members) ** 2
    explained *= len(names) / (len(names) - 1) / artworks**2 / (seeds - 1)
    return float(np.var(hits.mean(axis=1), ddof=1)), explained


def test_the_difference_has_both_variances_and_satterthwaites_freedom() -> None:
    generator = np.random.default_rng(3)
    a = generator.random((4, 60)) < np.array([0.3, 0.5, 0.7, 0.9])[:, None]
    b = generator.random((3, 60)) < np.array([0.2, 0.5, 0.6])[:, None]
    group = generator.integers(0, 20, 60)
    difference = a.mean(axis=0) - b.mean(axis=0)
    of_works = clustered_mean(difference, group)
    (total_a, works_a), (total_b, works_b) = by_hand(a, group), by_hand(b, group)
    variance = of_works.variance + (total_a - works_a) / 4 + (total_b - works_b) / 3
    freedom = variance**2 / (
        of_works.variance**2 / of_works.degrees_of_freedom + (total_a / 4) ** 2 / 3 + (total_b / 3) ** 2 / 2
    )
    found = accuracy_difference(a, b, group)
    assert (found.value, found.variance, found.degrees_of_freedom) == pytest.approx(
        (difference.mean(), variance, freedom)
    )
    assert found.p_value() == pytest.approx(2 * stats.t.sf(abs(difference.mean()) / variance**0.5, freedom))


def test_where_seeds_only_toss_coins_artworks_alone_count() -> None:
    a = np.array([[1, 0, 1, 0], [0, 1, 0, 1]] * 2, bool)
    assert seed_variance(a, np.arange(4)).total == 0  # type: ignore[union-attr]
    assert mean_accuracy(a, np.arange(4)) == clustered_mean(a.mean(axis=0), np.arange(4))


@pytest.mark.parametrize("right", [False, True])
def test_a_row_that_is_always_or_never_right_has_the_exact_interval_of_a_share(right: bool) -> None:
    exact = stats.binomtest(40 * right, 40).proportion_ci(method="exact")
    for factor in (1.0, 1.5):
        low, high = mean_accuracy(np.full((3, 40), right), np.arange(40), factor=factor).interval(0, 1)
        assert (low, high) == pytest.approx((exact.low, exact.high))


def test_a_single_run_scatters_as_the_other_rows_do_unless_no_seed_changes_it() -> None:
    generator = np.random.default_rng(0)
    many = generator.random((5, 200)) < np.array([0.4, 0.5, 0.6, 0.7, 0.8])[:, None]
    one, group = generator.random((1, 200)) < 0.6, np.arange(200)
    single, baseline = (accuracy_difference(many, one, group, fixed=fixed) for fixed in (False, True))
    excess = seed_variance(many, group)
    assert excess is not None
    assert single.variance - baseline.variance == pytest.approx(excess.total - excess.artworks)
    alone = accuracy_difference(one, many[:1], group)
    assert alone == clustered_mean(one[0] - many[0].astype(float), group)


def test_scatter_over_seeds_is_pooled_over_rows() -> None:
    generator = np.random.default_rng(1)
    rows = [generator.random((seeds, 50)) < 0.6 for seeds in (2, 5, 1)]
    two, five, none = (seed_variance(row, np.arange(50)) for row in rows)
    assert none is None
    assert two is not None and five is not None
    found = pooled([two, none, five])
    assert found is not None
    assert found.degrees_of_freedom == 5
    assert found.total == pytest.approx((two.total + 4 * five.total) / 5)
    assert pooled([None]) is None


@pytest.mark.parametrize("works_of_artist", [1, 5])
@pytest.mark.parametrize("seeds", [2, 10])
def test_equal_models_differ_as_often_as_five_in_a_hundred(seeds: int, works_of_artist: int) -> None:
    """Artists, artworks and seeds are drawn anew; seeds scatter by 2 points."""
    generator, found = np.random.default_rng(seeds), []
    group = np.arange(125) // works_of_artist
    for _ in range(500):
        common = generator.normal(size=125) + generator.normal(size=125)[group]
        rows = [
            generator.normal(0.3, 0.1, (seeds, 1)) + generator.normal(0, 0.7, 125)
            > common + generator.normal(size=125)[group] + generator.normal(size=(seeds, 125))
            for _ in range(2)
        ]
        found.append(accuracy_difference(rows[0], rows[1], group).p_value() < 0.05)
    assert 0.02 <= np.mean(found) <= 0.085


def test_more_seeds_find_smaller_differences() -> None:
    generator = np.random.default_rng(5)
    accuracy = generator.normal(0.6, 0.05, (2, 12, 1))
    rows = generator.random((2, 12, 400)) < accuracy
    found = [accuracy_difference(*rows[:, :seeds], np.arange(400)).detectable() for seeds in (2, 4, 12)]
    assert all(before > after for before, after in pairwise(found))
