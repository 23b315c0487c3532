from itertools import combinations, combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from emotionart.statistics.letters import letters
from emotionart.statistics.significance import difference_p, holm, permutation_p


def hits(seeds: int, artworks: int, share: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((seeds, artworks)) < share


@pytest.mark.parametrize(("better", "seed"), [(0.5, 0), (0.7, 1), (0.95, 2)])
def test_of_one_run_each_and_single_artworks_it_is_mcnemars_exact_test(better: float, seed: int) -> None:
    a, b = hits(1, 14, better, seed), hits(1, 14, 0.5, seed + 10)
    table = [[(a & b).sum(), (a & ~b).sum()], [(~a & b).sum(), (~a & ~b).sum()]]
    assert difference_p(a, b, np.arange(14)) == pytest.approx(mcnemar(table, exact=True).pvalue)


def test_of_many_artworks_it_is_mcnemars_exact_test_too() -> None:
    a, b = hits(1, 8000, 0.53, 0), hits(1, 8000, 0.5, 1)
    table = [[(a & b).sum(), (a & ~b).sum()], [(~a & b).sum(), (~a & ~b).sum()]]
    expected = mcnemar(table, exact=True).pvalue
    assert expected < 0.01
    assert permutation_p(a[0], b[0], np.arange(8000)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_of_groups_it_is_scipys_permutation_test(seed: int) -> None:
    generator = np.random.default_rng(seed)
    (a,), (b,) = hits(1, 60, 0.7, seed), hits(1, 60, 0.5, seed + 50)
    group = np.unique(generator.integers(0, 11, 60), return_inverse=True)[1]
    difference = np.bincount(group, a.astype(float) - b)
    expected = stats.permutation_test(
        (difference,), lambda values, axis: values.sum(axis=axis), permutation_type="samples", vectorized=True
    ).pvalue
    assert permutation_p(a, b, group) == pytest.approx(expected)


@pytest.mark.parametrize("seeds", [1, 5])
def test_no_difference_is_too_clear_for_many_comparisons(seeds: int) -> None:
    a, b = np.ones((seeds, 800), bool), np.zeros((seeds, 800), bool)
    assert 0 < difference_p(a, b, np.arange(800)) < 1e-10


@pytest.mark.parametrize("seeds", [1, 5])
def test_artworks_of_one_artist_are_one_piece_of_evidence(seeds: int) -> None:
    a, b = np.ones((seeds, 60), bool), np.zeros((seeds, 60), bool)
    assert difference_p(a, b, np.arange(60)) < 0.001
    assert difference_p(a, b, np.repeat(np.arange(3), 20)) == pytest.approx(2 / 2**3)
    assert difference_p(a, b, np.zeros(60, int)) == 1


def test_one_artwork_makes_no_difference() -> None:
    a = np.ones((1, 40), bool)
    b = a.copy()
    b[0, 3] = False
    assert mcnemar([[39, 1], [0, 0]], exact=True).pvalue == 1
    assert permutation_p(a[0], b[0], np.arange(40)) == pytest.approx(1)


def test_equal_predictions_do_not_differ() -> None:
    for seeds in (1, 2):
        a = hits(seeds, 50, 0.6, 0)
        assert difference_p(a, a, np.arange(50)) == 1


def test_a_difference_must_hold_for_other_seeds_too() -> None:
    one = hits(1, 400, 0.6, 0)
    steady = np.repeat(one, 3, axis=0)
    shaky = np.concatenate([one, one, np.zeros_like(one)])
    assert permutation_p(steady[0], shaky[2], np.arange(400)) < 0.001
    assert difference_p(steady, shaky, np.arange(400)) > 0.05


def test_holms_correction_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert len(holm([])) == 0


@given(st.integers(1, 7).flatmap(lambda rows: st.tuples(st.just(rows), st.sets(st.integers(0, rows * rows)))))
def test_two_rows_share_a_letter_exactly_if_they_cannot_be_told_apart(case: tuple[int, set[int]]) -> None:
    rows, marked = case
    differs = np.zeros((rows, rows), dtype=bool)
    for index, (a, b) in enumerate(combinations(range(rows), 2)):
        differs[a, b] = differs[b, a] = index in marked
    found = letters(differs)
    for a, b in combinations(range(rows), 2):
        assert bool(set(found[a]) & set(found[b])) != differs[a, b]
    assert all(found)


def test_no_letter_can_be_left_out_and_many_rows_take_no_time() -> None:
    generator = np.random.default_rng(0)
    for rows in (4, 6, 8, 300):
        noise = generator.uniform(0.3, 1.2, (rows, rows))
        place = np.sort(generator.normal(size=rows))
        differs = abs(place[:, None] - place) > (noise + noise.T) / 2
        np.fill_diagonal(differs, False)
        if rows == 300:
            assert len(letters(differs)) == rows
            continue
        found = letters(differs)
        for letter in set("".join(found)):
            others = [set(text) - {letter} for text in found]
            pairs = combinations_with_replacement(range(rows), 2)
            assert any(not others[a] & others[b] for a, b in pairs if not differs[a, b])


def test_letters_follow_the_order_of_the_rows() -> None:
    chain = np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0]], dtype=bool)
    assert letters(chain) == ["a", "ab", "b"]
