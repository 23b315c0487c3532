import numpy as np
import pytest
from scipy import stats

from emotionart.statistics.cross_validation import corrected_resampled, fold_differences, pooled_factor
from emotionart.statistics.crossed import accuracy_difference, mean_accuracy
from emotionart.statistics.significance import difference_p


def test_the_factor_is_that_of_the_simulations() -> None:
    assert pooled_factor(500) == pytest.approx(1.5, abs=0.01)
    assert 1.75 <= pooled_factor(125) <= 2.01


def test_nadeau_and_bengios_is_the_paired_test_with_another_variance() -> None:
    differences = np.random.default_rng(0).normal(0.03, 0.05, 10)
    t = stats.ttest_1samp(differences, 0).statistic * np.sqrt((1 / 10) / (1 / 10 + 1 / 4))
    assert corrected_resampled(differences, 5).p_value() == pytest.approx(2 * stats.t.sf(abs(t), 9))


def test_differences_are_of_the_same_folds_whatever_the_number_of_seeds() -> None:
    generator = np.random.default_rng(1)
    fold = np.arange(30) % 3
    a, b = generator.random((2, 30)) < 0.7, generator.random((1, 30)) < 0.4
    expected = [a[:, fold == k].mean() - b[:, fold == k].mean() for k in range(3)]
    assert fold_differences(a, b, (np.stack([fold, fold]), fold[None])) == pytest.approx(expected)


def test_the_factor_widens_what_artworks_scatter() -> None:
    hits = np.random.default_rng(2).random((1, 400)) < 0.6
    other, group = ~hits[:, ::-1], np.arange(400)
    plain, wide = (mean_accuracy(hits, group, factor=factor) for factor in (1.0, 1.5))
    assert wide.variance == pytest.approx(1.5 * plain.variance)
    assert wide.value == plain.value
    difference = accuracy_difference(hits, other, group, factor=1.5)
    assert difference_p(hits, other, group, factor=1.5) == pytest.approx(difference.p_value())
