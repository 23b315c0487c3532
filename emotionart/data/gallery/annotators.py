"""Simulated annotators whose confusion is known, and hence the accuracy that no model can beat."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from math import factorial

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


def ceiling(probability: Array, votes: NDArray[np.int64]) -> Array:
    """The highest probability with which the hard label of an artwork can be named beforehand, (n,).

    The hard label is the class with the most votes, drawn among equals. For each artwork it is the largest, over
    classes, of the probability that the class wins, summed over all outcomes of the vote.

    Args:
        probability: (n, K) of each class in one vote, votes being independent.
        votes: (n,) number of votes.
    """
    rows, which = np.unique(np.column_stack([probability.round(12), votes]), axis=0, return_inverse=True)
    best = np.array([_winning(tuple(row[:-1]), int(row[-1])).max() for row in rows])
    return best[which]


@cache
def _winning(probability: tuple[float, ...], votes: int) -> Array:
    """The probability that each class wins the vote, (K,)."""
    outcomes = _outcomes(len(probability), votes)
    ways = np.array([factorial(votes) / np.prod([float(factorial(n)) for n in outcome]) for outcome in outcomes])
    chance = ways * np.prod(np.array(probability) ** outcomes, axis=1)
    leads = outcomes == outcomes.max(axis=1, keepdims=True)
    won: Array = (chance[:, None] * leads / leads.sum(axis=1, keepdims=True)).sum(axis=0)
    return won


@cache
def _outcomes(classes: int, votes: int) -> NDArray[np.int64]:
    """Every way in which votes can fall on classes, (m, classes): bars between stars."""
    places = combinations(range(votes + classes - 1), classes - 1)
    bars = np.array([(-1, *bar, votes + classes - 1) for bar in places], dtype=np.int64)
    return np.diff(bars, axis=1) - 1
