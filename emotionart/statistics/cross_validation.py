"""Cross-validation: what pooled out-of-fold predictions do not show of their own variance."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from emotionart.statistics.estimate import Array, Estimate

_SHARED = 11.2  # such that the factor is 1.5 at 500 artworks


def pooled_factor(artworks: int) -> float:
    """By what the variance over artworks of pooled out-of-fold hits is multiplied: 1 + 11.2 / √n.

    The models of all folds share most of their training artworks, so that other artworks would change all of them at
    once, and the scatter between the tested ones does not show it. The factor is 2 at 125 artworks, 1.5 at 500 and 1.25
    at 2,000; docs/statistics.md says where it comes from.
    """
    return 1 + _SHARED / math.sqrt(artworks)


def corrected_resampled(differences: Array, folds: int) -> Estimate:
    """The mean difference of two models over folds, after Nadeau and Bengio (2003): conservative.

    Args:
        differences: (J,) of accuracy in each fold of each repeat.
        folds: K of a repeat; the test part is 1 / (K - 1) of the training part.
    """
    count = len(differences)
    variance = (1 / count + 1 / (folds - 1)) * float(differences.var(ddof=1))
    return Estimate(float(differences.mean()), variance, count - 1)


def fold_differences(a: NDArray[np.bool_], b: NDArray[np.bool_], fold: tuple[NDArray[np.intp], ...]) -> Array:
    """The difference in accuracy of two rows in each fold, averaged over seeds, (J,).

    Args:
        a, b: (S, n) and (T, n) hits on the same artworks.
        fold: (S, n) and (T, n) number of the fold in which each was tested, the same numbers in both.
    """
    numbers = np.unique(fold[0])
    return np.array([a[fold[0] == number].mean() - b[fold[1] == number].mean() for number in numbers])
