"""Whether one row of a table is better than another: statistics over seeds and over the same test artworks."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import fft, stats
from statsmodels.stats.multitest import multipletests

Array = NDArray[np.float64]
Hits = NDArray[np.bool_]
"""(S, n): whether the run with each seed was right on each test artwork."""

LEVEL = 0.05
_RESAMPLES = 2_000


def accuracy_interval(hits: Hits, cluster: NDArray[np.intp], seed: int = 0) -> tuple[float, float]:
    """95 % percentile bootstrap interval of the mean accuracy over seeds, from resampled seeds and clusters.

    Args:
        hits: (S, n).
        cluster: (n,) numbers 0 to C - 1 of what is resampled as a whole: artists, or artworks.
        seed: of the resampling.
    """
    generator = np.random.default_rng(seed)
    seeds, clusters = len(hits), int(cluster.max()) + 1
    right = np.stack([np.bincount(cluster, row, clusters) for row in hits.astype(float)])
    size = np.bincount(cluster, minlength=clusters)
    drawn_seeds = generator.multinomial(seeds, np.full(seeds, 1 / seeds), _RESAMPLES)
    drawn = generator.multinomial(clusters, np.full(clusters, 1 / clusters), _RESAMPLES)
    accuracy = np.einsum("rs,sc,rc->r", drawn_seeds, right, drawn, optimize=True) / (seeds * (drawn @ size))
    low, high = np.quantile(accuracy, [LEVEL / 2, 1 - LEVEL / 2])
    return float(low), float(high)


def artworks_p(a: Hits, b: Hits, cluster: NDArray[np.intp]) -> float:
    """p-value of the mean difference in accuracy, by exchanging the two models on whole clusters of artworks.

    The paired permutation test on the sum over each cluster of the differences, averaged over seeds; two-sided, and
    exact: the differences are whole multiples of a common step, so that the sums of all 2^C exchanges have a
    distribution whose characteristic function is a product of cosines (Pagano and Tritchler 1983). With one seed and no
    clusters it is McNemar's exact test. It asks whether other artworks would give the same order.

    Args:
        a, b: (S, n) and (T, n) of the same n artworks.
        cluster: (n,) numbers 0 to C - 1.
    """
    steps = math.lcm(len(a), len(b))
    steps_of_artwork = a.sum(axis=0) * (steps // len(a)) - b.sum(axis=0) * (steps // len(b))
    difference = np.bincount(cluster, steps_of_artwork).round().astype(np.int64)
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
    probability = fft.irfft(characteristic, points)  # of the sums 0 to `most`; those below 0 have the same
    observed = abs(int(difference.sum()))
    if observed == 0:
        return 1.0
    return float(np.clip(2 * probability[observed : most + 1].sum(), 2.0 ** (1 - int(count.sum())), 1))


def seeds_p(a: Array, b: Array, fixed: bool = False) -> float:
    """p-value of a difference in accuracy, from its scatter over seeds: Welch's t-test, two-sided.

    It asks whether other seeds would give the same order. One seed each tells nothing of scatter: 0, so that the
    artworks decide alone. One seed against several is a new run against their scatter: t = (mean - x) / (s √(1 + 1/n))
    with n - 1 degrees of freedom. Two rows without scatter differ or do not.

    Args:
        a, b: (S,) and (T,) accuracies.
        fixed: whether the single one is of a model that no seed changes, such as a baseline: then it is no new run, and
            t = (mean - x) / (s √(1/n)), the t-test of one sample.
    """
    if len(a) < 2 and len(b) < 2:
        return 0.0
    if np.ptp(a) == 0 and np.ptp(b) == 0:
        return float(np.isclose(a[0], b[0]))
    if min(len(a), len(b)) < 2:
        many, one = (a, b) if len(a) > 1 else (b, a)
        if np.ptp(many) == 0:
            return float(np.isclose(many[0], one[0]))
        t = (many.mean() - one[0]) / (many.std(ddof=1) * np.sqrt((0 if fixed else 1) + 1 / len(many)))
        return float(2 * stats.t.sf(abs(t), len(many) - 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # one row without scatter
        return float(stats.ttest_ind(a, b, equal_var=False).pvalue)


def difference_p(a: Hits, b: Hits, cluster: NDArray[np.intp], fixed: bool = False) -> float:
    """p-value of "neither the choice of artworks nor that of seeds explains the difference": the larger of the two.

    Args:
        a, b, cluster: as for `artworks_p`.
        fixed: as for `seeds_p`.
    """
    return max(artworks_p(a, b, cluster), seeds_p(a.mean(axis=1), b.mean(axis=1), fixed))


def holm(p_values: Sequence[float]) -> Array:
    """p-values corrected for their number (Holm 1979), in the given order."""
    corrected: Array = multipletests(list(p_values), method="holm")[1] if len(p_values) else np.empty(0)
    return corrected


def letters(differs: NDArray[np.bool_]) -> list[str]:
    """Compact letter display (Piepho 2004): two rows share a letter exactly if they cannot be told apart.

    Args:
        differs: (R, R) symmetric; rows in the table's order, which the letters follow.
    """
    rows = len(differs)
    groups = [set(range(rows))]
    for first in range(rows):
        for second in range(first + 1, rows):
            if not differs[first, second]:
                continue
            split = []
            for group in groups:
                split += [group - {first}, group - {second}] if {first, second} <= group else [group]
            groups = [
                group
                for place, group in enumerate(split)
                if not any(group < other or (group == other and place > rank) for rank, other in enumerate(split))
            ]
    groups.sort(key=sorted)
    return ["".join(_letter(place) for place, group in enumerate(groups) if row in group) for row in range(rows)]


def _letter(place: int) -> str:
    """A to z, then aa', so that any number of groups has a name."""
    return chr(ord("a") + place % 26) + "'" * (place // 26)
