"""Area under the ROC curve, for clustered data."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from emotionart.statistics.estimate import Array, Estimate, effective_groups


def auroc(scores: Array, positive: NDArray[np.bool_], group: NDArray[np.intp]) -> list[Estimate]:
    """Probability that a positive work has a higher score than a negative one, ties counting half.

    The variance is that of placement values summed over groups (Obuchowski 1997); if each work is its own group, that
    of DeLong, DeLong and Clarke-Pearson (1988). The degrees of freedom are Kish's number of groups minus one, of the
    positive or of the negative works, whichever are fewer.

    Args:
        scores: (n, U) scores, one column per estimate.
        positive: (n,) class of each work; both classes must occur.
        group: (n,) numbers, 0 to G - 1, of the groups of dependent works.

    Returns:
        One estimate per column; its variance is unknown if all positive, or all negative works are in one group.

    Raises:
        ValueError: if all works are positive, or none is.
    """
    if positive.all() or not positive.any():
        raise ValueError("some works must be positive, and some negative")
    positives, negatives = scores[positive], scores[~positive]
    rank = rankdata(scores, axis=0)
    # The share of the other class that a score exceeds, or that exceeds it.
    wins = (rank[positive] - rankdata(positives, axis=0)) / len(negatives)
    losses = 1 - (rank[~positive] - rankdata(negatives, axis=0)) / len(positives)
    area = wins.mean(axis=0)
    degrees_of_freedom = min(effective_groups(group[positive]), effective_groups(group[~positive])) - 1
    if degrees_of_freedom <= 0:
        return [Estimate(float(value), 0.0, 0.0) for value in area]
    groups = int(group.max()) + 1
    positive_sums = _group_sums((wins - area) / len(positives), group[positive], groups)
    negative_sums = _group_sums((losses - area) / len(negatives), group[~positive], groups)
    variance = (
        _correction(group[positive]) * (positive_sums**2).sum(axis=0)
        + _correction(group[~positive]) * (negative_sums**2).sum(axis=0)
        + 2 * _correction(group) * (positive_sums * negative_sums).sum(axis=0)
    )
    return [Estimate(float(value), float(var), degrees_of_freedom) for value, var in zip(area, variance, strict=True)]


def _group_sums(terms: Array, group: NDArray[np.intp], groups: int) -> Array:
    """(G, U) sums over each group of terms (m, U)."""
    sums = np.zeros((groups, terms.shape[1]))
    np.add.at(sums, group, terms)
    return sums


def _correction(group: NDArray[np.intp]) -> float:
    """Bessel's correction I / (I - 1) for the I groups that occur."""
    groups = len(np.unique(group))
    return groups / (groups - 1)
