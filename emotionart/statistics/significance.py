"""Significance tests for differences in accuracy, over test artworks and seeds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from statsmodels.stats.multitest import multipletests

from emotionart.statistics.crossed import Hits, accuracy_difference
from emotionart.statistics.estimate import Array


def difference_p(a: Hits, b: Hits, group: NDArray[np.intp], *, fixed: bool = False, factor: float = 1.0) -> float:
    """Two-sided p-value of a difference in accuracy between two rows of a table.

    With several seeds, the t-test of `accuracy_difference` generalises to other artworks and other seeds; its p-value
    is at least 2^(1 - G), that of G groups that all favour the same row. With one run each, the exact permutation test
    generalises to other artworks, not to other seeds; for cross-validated runs there is no such test.

    Args:
        a, b: (S, n) and (T, n) hits on the same n artworks.
        group: (n,) numbers, 0 to G - 1, of the groups of dependent artworks.
        fixed: whether a row with one seed is a model that does not depend on the seed, such as a baseline.
        factor: as for `accuracy_difference`; above 1 for cross-validated rows.
    """
    if len(a) == len(b) == 1 and factor == 1:
        return permutation_p(a[0], b[0], group)
    return max(accuracy_difference(a, b, group, fixed=fixed, factor=factor).p_value(), smallest_p(group))


def smallest_p(group: NDArray[np.intp]) -> float:
    """The p-value if all G groups of artworks favour the same row: 2^(1 - G).

    Args:
        group: (n,) numbers of the groups, 0 to G - 1.
    """
    return float(2.0 ** (1 - len(np.unique(group))))


def permutation_p(a: NDArray[np.bool_], b: NDArray[np.bool_], group: NDArray[np.intp]) -> float:
    """p-value of a difference in accuracy between two runs, by a permutation test over whole groups of artworks.

    The two-sided paired permutation test on the sum of each group's differences. It is exact: the distribution of the
    sums of all 2^G permutations has a product of cosines as its characteristic function (Pagano and Tritchler 1983). If
    each artwork is its own group, it is McNemar's exact test.

    Args:
        a, b: (n,) hits on the same artworks.
        group: (n,) numbers, 0 to G - 1, of the groups of dependent artworks.
    """
    difference = np.bincount(group, a.astype(np.float64) - b).round().astype(np.int64)
    if not difference.any():
        return 1.0
    difference //= np.gcd.reduce(difference)
    size, count = np.unique(np.abs(difference[difference != 0]), return_counts=True)
    most = int(size @ count)
    points = fft.next_fast_len(2 * most + 1, real=True)
    turn = 2 * np.pi / points * np.arange(points // 2 + 1)
    characteristic = np.ones_like(turn)
    for step, times in zip(size, count, strict=True):
        characteristic *= np.cos(step * turn) ** times
    probability = fft.irfft(characteristic, points)  # of sums 0 to `most`; negative sums are symmetric
    observed = abs(int(difference.sum()))
    if observed == 0:
        return 1.0
    return float(np.clip(2 * probability[observed : most + 1].sum(), 2.0 ** (1 - int(count.sum())), 1))


def holm(p_values: Sequence[float]) -> Array:
    """p-values corrected for multiple testing (Holm 1979), in the given order."""
    corrected: Array = multipletests(list(p_values), method="holm")[1] if len(p_values) else np.empty(0)
    return corrected
