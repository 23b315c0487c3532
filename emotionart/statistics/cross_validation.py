"""Variance of cross-validation, which pooled out-of-fold predictions underestimate."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from emotionart.statistics.estimate import Array, Estimate

_SHARED = 11.2  # chosen so that the factor is 1.5 for 500 artworks


def pooled_factor(artworks: int) -> float:
    """Correction factor of the variance over artworks of pooled out-of-fold hits: 1 + 11.2 / √n.

    The models of all folds share most of their training artworks, so other artworks would change all models at once,
    which the variance over tested artworks does not include. The factor is 2 for 125 artworks, 1.5 for 500 and 1.25 for
    2,000; docs/statistics.md derives it.
    """
    return 1 + _SHARED / math.sqrt(artworks)


def corrected_resampled(differences: Array, folds: int) -> Estimate:
    """Mean difference of two models over folds, with the conservative variance of Nadeau and Bengio (2003).

    Args:
        differences: (J,) differences in accuracy in each fold of each repeat.
        folds: number K of folds per repeat; the test part is 1 / (K - 1) of the training part.
    """
    count = len(differences)
    variance = (1 / count + 1 / (folds - 1)) * float(differences.var(ddof=1))
    return Estimate(float(differences.mean()), variance, count - 1)


def fold_differences(a: NDArray[np.bool_], b: NDArray[np.bool_], fold: tuple[NDArray[np.intp], ...]) -> Array:
    """(J,) difference in accuracy of two rows in each fold, averaged over seeds.

    Args:
        a, b: (S, n) and (T, n) hits on the same artworks.
        fold: (S, n) and (T, n) number of the fold in which each was tested, with the same numbers in both.
    """
    numbers = np.unique(fold[0])
    return np.array([a[fold[0] == number].mean() - b[fold[1] == number].mean() for number in numbers])
