"""Which works to label next: those of which a classifier is unsure, and which are unlike each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emotionart.statistics.calibration.uncertainty import entropy
from emotionart.works.search import Hits


def uncertainty(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Entropy of each row (n, K), in parts of the largest there is: 0 for a sure classifier, 1 for one that guesses."""
    share: NDArray[np.float64] = entropy(probabilities) / np.log(probabilities.shape[1])
    return share


def suggest_labels(features: NDArray[np.float32], probabilities: NDArray[np.float64], count: int) -> Hits:
    """Works whose labels would teach most, one after another.

    Each next one has the largest product of its uncertainty and its distance (1 - cosine) from the nearest that was
    taken before, so that no two of them ask the same thing.

    Args:
        features: (n, D) of length 1; (n, 0) leaves the distance out.
        probabilities: (n, K).
        count: at most so many.
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
