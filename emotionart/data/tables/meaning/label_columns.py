"""Columns of numbers, one for each label: cells that name the label, and numbers that are no votes for it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.wording import some
from emotionart.errors import UserError
from emotionart.quoting import override_list

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_CODES = (88, 98, 99, 888, 998, 999, 8888, 9998, 9999)  # numbers that surveys write for a missing answer
_PERCENT = 100
_APART = 2  # how many times as large as all other numbers a code is
_TOTALS = {"all", "annotators", "count", "gesamt", "n", "raters", "sum", "summe", "total", "totals"}
_PATTERNS = 8  # different rows in which a number is hardly the sum of the others by chance
_FEW = 12  # fewer rows than this prove nothing


def own_names(cells: pd.DataFrame, votes: Mapping[str, str], fold: Callable[[str], str]) -> NDArray[np.bool_]:
    """Which cells hold their column's label, as in exports of "select all that apply", where others are empty.

    Args:
        cells: columns of votes.
        votes: column -> its label.
        fold: the form in which labels are compared.
    """
    spelt = {
        name: [cell for cell in cells[name].unique() if cell and fold(cell) == fold(label)]
        for name, label in votes.items()
    }
    return np.array([cells[name].isin(ways) for name, ways in spelt.items()], dtype=bool).T


def require_votes(rows: NDArray[np.floating], names: Sequence[str], path: Path) -> list[UserError]:
    """Errors for ranks, and for a column with the total of the others: the highest number would name the wrong label.

    Args:
        rows: (m, K) numbers of each row of the table.
        names: (K,) their columns.
        path: path of the table.
    """
    count, labels = rows.shape
    if count < _FEW or labels < 3 or (rows == rows[0]).all():
        return []
    if (np.sort(rows, axis=1) == np.arange(1, labels + 1)).all():
        return [
            UserError(
                f"Every row of {some([repr(name) for name in names], 3)} holds the numbers 1 to {labels} once, as "
                "ranks do; as votes, the last rank would win.",
                where=str(path),
                fix=f"{labels + 1} minus the rank in each cell, and data.annotation=shares",
            )
        ]
    total = rows.sum(axis=1)
    sums = [index for index in range(labels) if np.allclose(2 * rows[:, index], total) and total.any()]
    if len(sums) == 1 and (_speaks_of_all(names[sums[0]]) or len(np.unique(rows, axis=0)) >= _PATTERNS):
        others = [name for index, name in enumerate(names) if index != sums[0]]
        what = f"Column {names[sums[0]]!r} is the sum of the other columns of votes, and no label."
        return [UserError(what, where=str(path), fix=override_list("data.votes", others))]
    return []


def _speaks_of_all(name: str) -> bool:
    return bool(_TOTALS & set(re.findall(r"[^\W\d_]+", name.casefold())))


def warn_of_codes(rows: NDArray[np.floating], path: Path) -> None:
    """Warns of numbers such as 99 that surveys write for a missing answer, if they are far above all others."""
    others = rows[~np.isin(rows, _CODES)]
    for code in sorted(set(np.unique(rows).tolist()) & set(_CODES), reverse=True):
        coded = rows[(rows == code).any(axis=1)].sum(axis=1)
        if (np.abs(coded - _PERCENT) <= rows.shape[1] / 2).all():
            continue  # 99 and 1 are shares
        if len(others) and code >= _APART * max(others.max(), 1):
            log.warning(
                "%s: is %g in the columns of votes a code for a missing answer? It counts as %g votes, and all others "
                "are at most %g; an empty cell is none", path, code, code, others.max(),
            )  # fmt: skip
