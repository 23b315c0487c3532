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
_RANKS = {"rank", "ranks", "ranking", "rang"}
_REVERSED = {"reversed", "reverse", "inverted", "inverse", "rev", "inv", "umgepolt", "invertiert"}
_SCORED = {
    *("%", "percent", "percentage", "perc", "pct", "share", "proportion", "fraction", "prob", "probability", "prozent"),
    *("anteil", "rating", "score", "intensity", "strength", "mean", "avg", "average", "median", "slider"),
}
"""Words in the names of columns whose numbers count nobody."""


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
    """Errors for ranks, for 1 and 2 as codes, and for a column with the total of the others.

    In each case, the highest number would name the wrong label.

    Args:
        rows: (m, K) numbers of each row of the table.
        names: (K,) their columns.
        path: path of the table.
    """
    count, labels = rows.shape
    if count < _FEW or labels < 2 or (rows == rows[0]).all():
        return []
    columns = some([repr(name) for name in names], 3)
    all_ranked = labels > 2 and bool((np.sort(rows, axis=1) == np.arange(1, labels + 1)).all())
    if all_ranked or (all(_RANKS & set(_words(name)) for name in names) and _are_ranks(rows)):
        return [
            UserError(
                f"Every row of {columns} holds the numbers from 1 once, up to {rows.max():g}, as ranks do; as votes, "
                "the last rank would win.",
                where=str(path),
                fix=f"{rows.max() + 1:g} minus the rank in each cell, and data.annotation=shares",
            )
        ]
    if np.isin(rows, (1, 2)).all():
        return [
            UserError(
                f"Every cell of {columns} is 1 or 2, as where 1 is yes and 2 is no; as votes, no would win.",
                where=str(path),
                fix="1 and 0 in their place   or data.annotation=votes   if two are more than one",
            )
        ]
    total = rows.sum(axis=1)
    sums = [index for index in range(labels) if np.allclose(2 * rows[:, index], total) and total.any()]
    all_named = len(sums) == 1 and bool(_TOTALS & set(_words(names[sums[0]])))
    if labels > 2 and len(sums) == 1 and (all_named or len(np.unique(rows, axis=0)) >= _PATTERNS):
        others = [name for index, name in enumerate(names) if index != sums[0]]
        what = f"Column {names[sums[0]]!r} is the sum of the other columns of votes, and no label."
        return [UserError(what, where=str(path), fix=override_list("data.votes", others))]
    return []


def _are_ranks(rows: NDArray[np.floating]) -> bool:
    """Whether the numbers of each row, without zeros, are 1, 2 and so on, each once."""
    ranked = (rows > 0).sum(axis=1, keepdims=True)
    expected = np.maximum(np.arange(rows.shape[1]) - (rows.shape[1] - ranked) + 1, 0)
    return bool((np.sort(rows, axis=1) == expected).all())


def count_nobody(names: Sequence[str]) -> bool:
    """Whether the names of all columns say that their numbers are shares or scores ("joy (%)", "mean_joy")."""
    return all(_SCORED & {word for one in _words(name) for word in (one, one.removesuffix("s"))} for name in names)


def warn_of_reversed(names: Sequence[str]) -> None:
    """Warns of columns of votes whose names say that their scale is turned round, as that of some items in surveys."""
    turned = [name for name in names if _REVERSED & set(_words(name)) or re.search(r"[ _]\(?r\)?$", name.casefold())]
    if turned and len(turned) < len(names):
        log.warning("the scale of columns %s seems to be turned round, but their highest numbers count as most: turn "
                    "them back if it is", some([repr(name) for name in turned]))  # fmt: skip


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W\d_]+|%", name.casefold())


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
