"""Selection of artworks to explain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def balanced(label: NDArray[np.int64], rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """(m,) the same rows, reordered to take one of each class in turn until the classes are exhausted.

    Args:
        label: (N,) classes.
        rows: (m,) positions in `label`, whose order is kept within a class.
    """
    turn = np.zeros(len(rows), dtype=np.intp)
    for value in np.unique(label[rows]):
        members = np.flatnonzero(label[rows] == value)
        turn[members] = np.arange(len(members))
    return rows[np.lexsort((label[rows], turn))]


def worst_first(probabilities: NDArray[np.float64], label: NDArray[np.int64], count: int) -> NDArray[np.intp]:
    """Indices of at most `count` artworks: up to half the most confident mistakes, the rest class-balanced.

    Args:
        probabilities: (N, K) predicted probabilities.
        label: (N,) true classes, -1 if unknown.
        count: maximum number of artworks.
    """
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero((predicted != label) & (label >= 0))
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][: count // 2]
    rest = np.setdiff1d(np.arange(len(label)), worst)
    return np.concatenate([worst, balanced(label, rest)[: count - len(worst)]])
