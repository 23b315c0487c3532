"""Which artworks are looked at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def balanced(label: NDArray[np.int64], rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """The same rows, one of each class in turn as long as classes last.

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
    """At most `count` artworks: half of them the most confident mistakes, then a class-balanced rest.

    Args:
        probabilities: (N, K) predicted.
        label: (N,) true classes, -1 where unknown.
        count: of artworks.
    """
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero((predicted != label) & (label >= 0))
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][: count // 2]
    rest = np.setdiff1d(np.arange(len(label)), worst)
    return np.concatenate([worst, balanced(label, rest)[: count - len(worst)]])
