from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from emotionart.statistics.tests import accuracy_interval, artworks_p, difference_p, holm, letters, seeds_p


def hits(seeds: int, artworks: int, share: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((seeds, artworks)) < share


@pytest.mark.parametrize(("better", "seed"), [(0.5, 0), (0.7, 1), (0.95, 2)])
def test_of_one_seed_and_single_artworks_it_is_mcnemars_exact_test(better: float, seed: int) -> None:
    a, b = hits(1, 14, better, seed), hits(1, 14, 0.5, seed + 10)
    table = [[(a & b).sum(), (a & ~b).sum()], [(~a & b).sum(), (~a & ~b).sum()]]
    assert artworks_p(a, b, np.arange(14)) == pytest.approx(mcnemar(table, exact=True).pvalue)


def test_of_many_artworks_it_is_mcnemars_exact_test_too() -> None:
    a, b = hits(1, 8000, 0.53, 0), hits(1, 8000, 0.5, 1)
    table = [[(a & b).sum(), (a & ~b).sum()], [(~a & b).sum(), (~a & ~b).sum()]]
    expected = mcnemar(table, exact=True).pvalue
    assert expected < 0.01
    assert artworks_p(a, b, np.arange(8000)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_of_clusters_and_several_seeds_it_is_scipys_permutation_test(seed: int) -> None:
    generator = np.random.default_rng(seed)
    a, b = hits(3, 60, 0.7, seed), hits(2, 60, 0.5, seed + 50)
    cluster = np.unique(generator.integers(0, 11, 60), return_inverse=True)[1]
    difference = np.bincount(cluster, a.mean(axis=0) - b.mean(axis=0))
    expected = stats.permutation_test(
        (difference,), lambda values, axis: values.sum(axis=axis), permutation_type="samples", vectorized=True
    ).pvalue
    assert artworks_p(a, b, cluster) == pytest.approx(expected)


def test_no_difference_is_too_clear_for_many_comparisons() -> None:
    a, b = np.ones((5, 800), bool), np.zeros((5, 800), bool)
    assert 0 < artworks_p(a, b, np.arange(800)) < 1e-10


def test_artworks_of_one_artist_are_one_piece_of_evidence() -> None:
    a, b = np.ones((1, 60), bool), np.zeros((1, 60), bool)
    assert artworks_p(a, b, np.arange(60)) < 0.001
    assert artworks_p(a, b, np.repeat(np.arange(3), 20)) == pytest.approx(2 / 2**3)


def test_one_artwork_makes_no_difference() -> None:
    a = np.ones((1, 40), bool)
    b = a.copy()
    b[0, 3] = False
    assert mcnemar([[39, 1], [0, 0]], exact=True).pvalue == 1
    assert artworks_p(a, b, np.arange(40)) == pytest.approx(1)


def test_equal_predictions_do_not_differ() -> None:
    a = hits(2, 50, 0.6, 0)
    assert artworks_p(a, a, np.arange(50)) == 1
    assert difference_p(a, a, np.arange(50)) == 1


def test_scatter_over_seeds_is_welchs_test() -> None:
    a, b = np.array([0.5, 0.52, 0.55]), np.array([0.6, 0.7, 0.65, 0.62])
    assert seeds_p(a, b) == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue)
    pooled = stats.ttest_ind_from_stats(a.mean(), a.std(ddof=1), len(a), 0.6, 0.0, 1, equal_var=True)
    assert seeds_p(a, np.array([0.6])) == pytest.approx(pooled.pvalue)
    assert seeds_p(a, np.array([0.6]), fixed=True) == pytest.approx(stats.ttest_1samp(a, 0.6).pvalue)
    assert seeds_p(a[:1], b[:1]) == 0
    assert seeds_p(np.array([0.5, 0.5]), np.array([0.5, 0.5])) == 1
    assert seeds_p(np.array([0.5, 0.5]), np.array([0.6, 0.6])) == 0


def test_a_difference_must_hold_for_other_artworks_and_for_other_seeds() -> None:
    one = hits(1, 400, 0.6, 0)
    steady = np.repeat(one, 3, axis=0)
    shaky = np.concatenate([one, one, np.zeros_like(one)])
    assert artworks_p(steady, shaky, np.arange(400)) < 0.001
    assert difference_p(steady, shaky, np.arange(400)) > 0.05


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    inside = 0
    for trial in range(200):
        low, high = accuracy_interval(hits(1, 120, 0.7, trial), np.arange(120), seed=trial)
        inside += low <= 0.7 <= high
    assert 180 <= inside <= 200
    wide = accuracy_interval(hits(1, 120, 0.7, 0), np.repeat(np.arange(12), 10))
    assert wide == accuracy_interval(hits(1, 120, 0.7, 0), np.repeat(np.arange(12), 10)), "it repeats"


def test_the_interval_of_equal_seeds_is_scipys_bootstrap_of_artworks() -> None:
    one = hits(1, 150, 0.6, 3)
    low, high = accuracy_interval(np.repeat(one, 4, axis=0), np.arange(150))
    expected = stats.bootstrap((one[0].astype(float),), np.mean, method="percentile", rng=0).confidence_interval
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=0.012)


def test_holms_correction_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert len(holm([])) == 0


@given(st.integers(1, 7).flatmap(lambda rows: st.tuples(st.just(rows), st.sets(st.integers(0, rows * rows)))))
def test_two_rows_share_a_letter_exactly_if_they_cannot_be_told_apart(case: tuple[int, set[int]]) -> None:
    rows, marked = case
    differs = np.zeros((rows, rows), dtype=bool)
    for place, (a, b) in enumerate(combinations(range(rows), 2)):
        differs[a, b] = differs[b, a] = place in marked
    found = letters(differs)
    for a, b in combinations(range(rows), 2):
        assert bool(set(found[a]) & set(found[b])) != differs[a, b]
    assert all(found)


def test_letters_follow_the_order_of_the_rows() -> None:
    chain = np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0]], dtype=bool)
    assert letters(chain) == ["a", "ab", "b"]
