"""Sets of classes that hold the true one as often as asked: split conformal prediction (Vovk et al. 2005)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from emotionart.statistics.estimate import Array


def fewest_artworks(level: float) -> int:
    """How many labelled artworks it takes for sets that are not always all classes.

    Args:
        level: how often a set is to hold the true class, above 0 and below 1.
    """
    return math.ceil(_rounded(level / (1 - level)))


def set_threshold(probabilities: Array, labels: NDArray[np.int64], level: float) -> float:
    """The probability from which a class belongs to the set: the true class of ⌈(n + 1) level⌉ artworks reaches it.

    Args:
        probabilities: (n, K) of artworks that the model has not learnt from.
        labels: (n,) their true classes, 0 to K - 1.
        level: how often a set is to hold the true class, above 0 and below 1.

    Returns:
        The threshold; 0, which every class reaches, where there are fewer than `fewest_artworks`.
    """
    rank = math.ceil(_rounded((len(labels) + 1) * level))
    if rank > len(labels):
        return 0.0
    true = probabilities[np.arange(len(labels)), labels]
    return float(np.sort(true)[-rank])


def prediction_sets(probabilities: Array, threshold: float) -> NDArray[np.bool_]:
    """Which classes are in the set of each artwork, (n, K); the most probable one always is.

    Args:
        probabilities: (n, K) predicted.
        threshold: as `set_threshold` gives it.
    """
    return np.asarray((probabilities >= threshold) | (probabilities == probabilities.max(axis=1, keepdims=True)))


def _rounded(number: float) -> float:
    """Without the last digits, in which 0.9 of 10 would be more than 9."""
    return round(number, 9)
