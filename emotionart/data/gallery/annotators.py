"""Simulated annotators with a known confusion matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emotionart.data.gallery.emotion import NAMES
from emotionart.draws import draw

Array = NDArray[np.float64]

_KIN = (
    ("anger", "disgust", "fear", "sadness"),
    ("neutral", "na"),
    ("envy", "lust", "surprise"),
    ("joy", "love", "optimism"),
)
_OWN, _NEUTRAL, _KINDRED = 0.42, 0.25, 0.15  # the remaining votes spread evenly over all other emotions


def vote_probability() -> Array:
    """P(vote | emotion), (12, 12), rows and columns in the order of `NAMES`.

    For an emotional painting, 42 % of the votes name its emotion, 25 % are "neutral" or "NA", 15 % name a related
    emotion, and the rest any other. For a neutral painting, 85 % are "neutral" or "NA". That makes about 39 % of all
    votes neutral, as in the study.
    """
    matrix = np.zeros((len(NAMES), len(NAMES)))
    for row, name in enumerate(NAMES):
        kin = next(family for family in _KIN if name in family)
        neutral = name in ("neutral", "na")
        others = [other for other in NAMES if other not in kin and other not in ("neutral", "na")]
        for column, vote in enumerate(NAMES):
            if neutral:
                matrix[row, column] = {name: 0.65}.get(vote, 0.20 if vote in kin else 0.15 / len(others))
            elif vote == name:
                matrix[row, column] = _OWN
            elif vote in ("neutral", "na"):
                matrix[row, column] = _NEUTRAL / 2
            elif vote in kin:
                matrix[row, column] = _KINDRED / (len(kin) - 1)
            else:
                matrix[row, column] = (1 - _OWN - _NEUTRAL - _KINDRED) / len(others)
    return matrix


def cast_votes(emotion: NDArray[np.intp], annotators: int, seed: int) -> NDArray[np.int64]:
    """(n, 12) votes for each of the twelve labels, for artworks painted from these emotions.

    Args:
        emotion: (n,) indices in `NAMES`.
        annotators: votes per artwork.
        seed: seed of the votes; those of artwork i do not depend on n.
    """
    steps = np.cumsum(vote_probability(), axis=1)[emotion]
    votes = np.zeros((len(emotion), len(NAMES)), dtype=np.int64)
    rows = np.arange(len(emotion), dtype=np.uint64)
    for annotator in range(annotators):
        level = (draw(rows, seed, 1, annotator) >> np.uint64(11)) / 2.0**53
        vote = np.minimum((level[:, None] >= steps).sum(axis=1), len(NAMES) - 1)
        votes[np.arange(len(emotion)), vote] += 1
    return votes
