"""Split conformal prediction: sets of classes with a required coverage of the true one (Vovk et al. 2005)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from emotionart.statistics.estimate import Array


def fewest_artworks(level: float) -> int:
    """Minimum number of labelled artworks for sets that do not always contain all classes.

    Args:
        level: required coverage of the true class, above 0 and below 1.
    """
    return math.ceil(_rounded(level / (1 - level)))


def highest_level(artworks: int) -> float:
    """The highest coverage, in steps of 0.001, for which so many labelled artworks are enough; 0 for none.

    Args:
        artworks: number of labelled artworks.
    """
    return 1000 * artworks // (artworks + 1) / 1000


def set_threshold(probabilities: Array, labels: NDArray[np.int64], level: float) -> float:
    """Minimum probability of a class in the set: the true class of ⌈(n + 1) level⌉ artworks reaches it.

    Args:
        probabilities: (n, K) predictions for artworks that the model was not trained on.
        labels: (n,) their true classes, 0 to K - 1.
        level: required coverage of the true class, above 0 and below 1.

    Returns:
        The threshold; 0, so that sets contain all classes, if there are fewer than `fewest_artworks`.
    """
    rank = math.ceil(_rounded((len(labels) + 1) * level))
    if rank > len(labels):
        return 0.0
    true = probabilities[np.arange(len(labels)), labels]
    return float(np.sort(true)[-rank])


def prediction_sets(probabilities: Array, threshold: float) -> NDArray[np.bool_]:
    """(n, K) whether each class is in the set of each artwork; the most probable one always is.

    Args:
        probabilities: (n, K) predicted probabilities.
        threshold: threshold from `set_threshold`.
    """
    return np.asarray((probabilities >= threshold) | (probabilities == probabilities.max(axis=1, keepdims=True)))


def _rounded(number: float) -> float:
    """The number without its last digits, in which 0.9 times 10 might exceed 9."""
    return round(number, 9)
