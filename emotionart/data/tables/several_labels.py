"""Several labels in one cell: told from one label, and taken apart."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.wording import some
from emotionart.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

_LIST = re.compile(r"\[.*\]", re.DOTALL)
_SURE = (";", "|")  # in no single label
_LIKELY = (",", "/", "+")  # in a label such as "awe, mixed with fear" too


def several_in_a_cell(cells: pd.Series[str], label: str, path: Path) -> UserError | None:
    """The mistake of a column whose cells hold lists of labels, with the ways out; None where they hold one each."""
    distinct = [cell for cell in cells.unique() if cell]
    separator = _separator(distinct)
    if separator is None:
        return None
    listed = [cell for cell in distinct if separator in cell or _LIST.fullmatch(cell)]
    rows = int(cells.isin(listed).sum())
    named = f"'data.label_separator=\"{separator}\"'"
    return UserError(
        f"Column {label!r} holds several labels in a cell ({rows:,} of {len(cells):,} rows).",
        where=f"{path}: {some([repr(cell[:60]) for cell in listed], 3)}",
        fix=f"{named}   for a vote for each   or {named} data.several_labels=first   for the first alone",
    )


def separate(
    cells: pd.Series[str], number: NDArray[np.intp], separator: str, first: bool
) -> tuple[pd.Series[str], NDArray[np.intp]]:
    """A row for each label of each cell, and the number of its artwork.

    Args:
        cells: of labels; brackets around a list and quotes around its items are no part of them.
        number: of each row's artwork.
        separator: between the labels of a cell.
        first: whether only the first of each cell is taken.
    """
    import pandas as pd

    lists = [_labels(cell, separator)[: 1 if first else None] or [""] for cell in cells]
    flat = [label for labels in lists for label in labels]
    return pd.Series(flat, dtype=object), np.repeat(number, [len(labels) for labels in lists])


def _labels(cell: str, separator: str) -> list[str]:
    inside = cell[1:-1] if _LIST.fullmatch(cell) else cell
    return [label for part in inside.split(separator) if (label := part.strip().strip("'\"").strip())]


def _separator(distinct: list[str]) -> str | None:
    if distinct and all(_LIST.fullmatch(cell) for cell in distinct):
        return ","
    for separator in (*_SURE, *_LIKELY):
        listed = [cell for cell in distinct if separator in cell]
        if not listed:
            continue
        if separator in _SURE:
            if any(len(_labels(cell, separator)) > 1 for cell in listed):
                return separator
            continue
        parts = Counter(part for cell in distinct for part in set(_labels(cell.casefold(), separator)))
        if len(listed) > 1 and all(parts[part] > 1 for cell in listed for part in _labels(cell.casefold(), separator)):
            return separator
    return None
