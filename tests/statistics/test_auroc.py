import numpy as np
import pytest
from scipy.stats import binomtest, mannwhitneyu
from sklearn.metrics import roc_auc_score

from emotionart.statistics.auroc import auroc


def test_it_is_scikit_learns_with_ties_too() -> None:
    generator = np.random.default_rng(0)
    values, marked = generator.integers(0, 6, (80, 3)).astype(float), generator.random(80) < 0.3
    found = auroc(values, marked, np.arange(80))
    assert [one.value for one in found] == pytest.approx([roc_auc_score(marked, column) for column in values.T])


def test_single_works_give_delongs_variance() -> None:
    generator = np.random.default_rng(1)
    marked = np.arange(60) < 25
    values = generator.normal(size=(60, 1)) + marked[:, None]
    above = values[marked] > values[~marked].T
    wins, losses = above.mean(axis=1), above.mean(axis=0)
    delong = wins.var(ddof=1) / 25 + losses.var(ddof=1) / 35
    (found,) = auroc(values, marked, np.arange(60))
    assert found.variance == pytest.approx(delong)
    assert found.value == pytest.approx(mannwhitneyu(values[marked], values[~marked]).statistic[0] / (25 * 35))


def test_works_of_artists_give_obuchowskis_variance() -> None:
    generator = np.random.default_rng(4)
    artist = generator.integers(0, 12, 70)
    marked = generator.random(70) < 0.4
    marked[artist < 3] = False  # artists without a marked work
    values = generator.normal(size=(70, 1)) + marked[:, None] + (artist % 2)[:, None]
    above = values[marked] > values[~marked].T
    area, (m, n) = above.mean(), above.shape
    v10 = [(above.mean(axis=1) - area)[artist[marked] == one].sum() for one in range(12)]
    v01 = [(above.mean(axis=0) - area)[artist[~marked] == one].sum() for one in range(12)]
    with_marked, with_others = len(set(artist[marked])), len(set(artist[~marked]))
    s10 = with_marked / ((with_marked - 1) * m) * np.square(v10).sum()
    s01 = with_others / ((with_others - 1) * n) * np.square(v01).sum()
    s11 = 12 / 11 * np.dot(v10, v01)
    (found,) = auroc(values, marked, artist)
    assert found.variance == pytest.approx(s10 / m + s01 / n + 2 * s11 / (m * n))


def test_intervals_hold_the_truth_where_works_belong_to_artists() -> None:
    generator = np.random.default_rng(2)
    artist = np.repeat(np.arange(40), 5)
    covered = {"artists": 0, "works": 0}
    for _ in range(200):
        own = generator.normal(size=(40, 2))[artist]
        marked = own[:, 0] + 0.3 * generator.normal(size=200) > 0
        values = own[:, [1]] + 0.3 * generator.normal(size=(200, 1))
        for name, group in (("artists", artist), ("works", np.arange(200))):
            low, high = auroc(values, marked, group)[0].interval(0, 1)
            covered[name] += low <= 0.5 <= high
    assert covered["artists"] >= 184
    assert covered["works"] <= 150


def test_a_perfect_order_of_few_works_is_not_certain() -> None:
    marked = np.arange(20) < 6
    (found,) = auroc(marked[:, None].astype(float), marked, np.arange(20))
    exact = binomtest(6, 6).proportion_ci(method="exact")
    assert found.value == 1
    assert found.interval(0, 1) == pytest.approx((exact.low, exact.high)), "of the fewer, as if in pairs"


def test_marks_of_one_artist_tell_nothing_of_others() -> None:
    artist = np.repeat(np.arange(20), 5)
    values = np.random.default_rng(3).normal(size=(100, 1)) + 3 * (artist == 0)[:, None]
    (found,) = auroc(values, artist == 0, artist)
    assert not found.known
    assert found.p_value() == 1


def test_there_must_be_both_kinds() -> None:
    with pytest.raises(ValueError, match="some works must be positive"):
        auroc(np.zeros((3, 1)), np.ones(3, dtype=bool), np.arange(3))
