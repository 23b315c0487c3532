"""Simulated annotators whose confusion is known."""

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
_OWN, _NEUTRAL, _KINDRED = 0.42, 0.25, 0.15  # what remains of the votes goes to all other emotions alike


def vote_probability() -> Array:
    """P(vote | emotion), (12, 12), rows in the order of `NAMES`.

    An annotator names the emotion itself in 42 % of the votes, says "neutral" or "NA" in 25 % (so many that with the
    paintings that are neutral, about 39 % of all votes are, as in the study), a kindred emotion in 15 %, any other in
    the rest. Who sees a neutral painting says so in 85 % of the votes.
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
    """Votes for each of the twelve labels, (n, 12), of artworks painted from these emotions.

    Args:
        emotion: (n,) places in `NAMES`.
        annotators: votes for each artwork.
        seed: of the votes; artwork i's do not depend on how many there are.
    """
    steps = np.cumsum(vote_probability(), axis=1)[emotion]
    votes = np.zeros((len(emotion), len(NAMES)), dtype=np.int64)
    rows = np.arange(len(emotion), dtype=np.uint64)
    for annotator in range(annotators):
        level = (draw(rows, seed, 1, annotator) >> np.uint64(11)) / 2.0**53
        vote = np.minimum((level[:, None] >= steps).sum(axis=1), len(NAMES) - 1)
        votes[np.arange(len(emotion)), vote] += 1
    return votes
