"""Suggestion of works to label next: uncertain to a classifier, and unlike each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emotionart.statistics.calibration.uncertainty import entropy
from emotionart.works.search import Hits


def uncertainty(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) entropy of probabilities (n, K) relative to its maximum: 0 for a certain prediction, 1 for a uniform one."""
    share: NDArray[np.float64] = entropy(probabilities) / np.log(probabilities.shape[1])
    return share


def suggest_labels(features: NDArray[np.float32], probabilities: NDArray[np.float64], count: int) -> Hits:
    """Works with the most informative labels, chosen greedily.

    Each next work maximises the product of its uncertainty and its distance (1 - cosine) from the nearest work already
    chosen, so that no two are redundant.

    Args:
        features: (n, D) features of length 1; (n, 0) to ignore distance.
        probabilities: (n, K) predicted probabilities.
        count: maximum number of works.
    """
    unsure = uncertainty(probabilities)
    distance = np.ones(len(unsure))
    rows: list[int] = []
    scores: list[float] = []
    for _ in range(min(count, len(unsure))):
        value = unsure * distance
        value[rows] = -np.inf
        row = int(value.argmax())
        rows.append(row)
        scores.append(float(value[row]))
        if features.shape[1]:
            distance = np.minimum(distance, np.clip(1 - features @ features[row], 0, None))
    return Hits(np.array(rows, dtype=np.intp), np.array(scores))
