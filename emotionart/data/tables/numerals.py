"""Parsing of numbers with a decimal point or a decimal comma."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_COMMA = re.compile(r"[-+]?\d*,\d+(?:[eE][-+]?\d+)?")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+")


def to_numbers(cells: pd.Series[str]) -> pd.Series[float]:
    """The cells as numbers, NaN for others: "0.5", "0,5", or "50 %" if all numbers are percentages."""
    import pandas as pd

    numbers: pd.Series[float] = pd.to_numeric(cells, errors="coerce")
    unread = cells[numbers.isna() & (cells != "")]
    if unread.empty:
        return numbers
    if (unread.str.endswith("%")).all() and len(unread) == (cells != "").sum():
        return to_numbers(cells.str.removesuffix("%").str.rstrip())
    if has_decimal_commas(unread):
        return pd.to_numeric(cells.str.replace(",", ".", regex=False), errors="coerce")
    return numbers


def has_decimal_commas(unread: pd.Series[str]) -> bool:
    """Whether cells that are not numbers are numbers with a decimal comma, rather than with thousands separators."""
    return all(_COMMA.fullmatch(cell) for cell in unread) and not all(_THOUSANDS.fullmatch(cell) for cell in unread)
