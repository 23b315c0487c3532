"""Who counted? Votes, shares, flags and single labels are four different things, and only votes are people."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Annotation = Literal["labels", "votes", "shares", "flags"]
"""What the numbers of an artwork's labels are.

- `labels`: one label, by nobody knows how many;
- `votes`: how many people named each label, each of them one;
- `shares`: which share of an unknown number of people named it, or a score;
- `flags`: whether a label applies, where several may.
"""

_PERCENT = 100
_HIGHEST_RATING = 10
_FEW = 20  # rows by which nothing is told

DESCRIPTIONS: dict[Annotation, str] = {
    "labels": "a single label for each artwork",
    "votes": "votes of people",
    "shares": "shares or scores; how many people gave them is not known",
    "flags": "flags (0 or 1); how many people set them is not known",
}


def judge(rows: NDArray[np.floating], several_rows: bool) -> Annotation:
    """What numbers are, by the evidence of the numbers.

    Args:
        rows: (m, K) the numbers of each row of a table.
        several_rows: whether an artwork has several of these rows.
    """
    totals = rows.sum(axis=1)
    percent = np.abs(totals - _PERCENT) <= rows.shape[1] / 2  # rounded each
    if (rows != np.rint(rows)).any() or (percent | (totals == 0)).all():
        return "shares"
    if rows.max(initial=0) > 1:
        return "votes"
    return "votes" if several_rows and (totals <= 1).all() else "flags"


def are_ratings(rows: NDArray[np.floating]) -> bool:
    """Whether every label of every row has a number from 1 to 10: of votes, some label of some work would have none.

    Args:
        rows: (m, K) the numbers of each row of a table.
    """
    enough = len(rows) >= _FEW and rows.shape[1] > 2
    return bool(enough and rows.min() >= 1 and 1 < rows.max() <= _HIGHEST_RATING)
