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
    if (rows != np.rint(rows)).any() or ((totals == _PERCENT) | (totals == 0)).all():
        return "shares"
    if rows.max(initial=0) > 1:
        return "votes"
    return "votes" if several_rows and (totals <= 1).all() else "flags"
