"""Numbers in cells, with a decimal point or a decimal comma, and flags."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.wording import some

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_FLAGS = {
    **dict.fromkeys(("true", "yes", "y", "t", "x", "on", "✓", "✔", "☑", "☒"), "1"),
    **dict.fromkeys(("false", "no", "n", "f", "off", "☐"), "0"),
    **dict.fromkeys(("wahr", "ja", "vrai", "oui", "verdadero", "sí", "vero", "sì"), "1"),  # as spreadsheets write them
    **dict.fromkeys(("falsch", "nein", "faux", "non", "falso"), "0"),
}
_PERCENT = 100
_APART = re.compile(
    r"(?<=\d)['\N{RIGHT SINGLE QUOTATION MARK}\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}](?=\d{3}(?!\d))"
)
"""What stands between thousands and is never a decimal sign, as in 1'234."""

_COMMA = re.compile(r"[-+]?\d*,\d+(?:[eE][-+]?\d+)?")
THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
"""Numbers with commas between thousands, if all numbers with a comma are such; "0,125" is none."""


def to_numbers(cells: pd.Series[str]) -> pd.Series[float]:
    """The cells as numbers, NaN for others: "0.5", "0,5", or "50 %" if all numbers but 0 are percentages.

    A typographic minus is one; for points and commas between thousands, see `thousands_mark`.
    """
    import pandas as pd

    cells = cells.str.replace("\N{MINUS SIGN}", "-", regex=False).str.replace(_APART, "", regex=True)
    mark = thousands_mark(cells)
    if mark is not None:
        cells = cells.str.replace(mark, "", regex=False)
    numbers: pd.Series[float] = pd.to_numeric(cells, errors="coerce")
    unread = cells[numbers.isna() & (cells != "")]
    if unread.empty:
        return numbers
    if unread.str.endswith("%").all() and (numbers.dropna() == 0).all():
        return to_numbers(cells.str.removesuffix("%").str.rstrip())
    if has_decimal_commas(unread):
        return pd.to_numeric(cells.str.replace(",", ".", regex=False), errors="coerce")
    return numbers


def thousands_mark(cells: pd.Series[str]) -> str | None:
    """The sign between thousands, a point or a comma, if these cannot be fractions; None otherwise.

    Beside whole numbers without it, it is always before three digits, of which some end in 0: fractions would either
    all have as many digits, or no such 0. If these whole numbers all have one digit, it may be a scale such as 1 to 7.
    """
    for mark in ".,":
        has_mark = cells.str.contains(mark, regex=False)
        marked, others = cells[has_mark], cells[~has_mark & (cells != "")]
        if (
            len(marked)
            and len(others)
            and marked.str.fullmatch(rf"[1-9]\d{{0,2}}(?:\{mark}\d{{3}})+").all()
            and marked.str.endswith("0").any()
            and others.str.fullmatch(r"\d{1,3}").all()
            and (others.str.len() > 1).any()
        ):
            return mark
    return None


def log_thousands(cells: pd.DataFrame) -> None:
    """Logs which columns of numbers have a sign between thousands."""
    for name in cells.columns:
        mark = thousands_mark(cells[name])
        if mark is not None:
            example = cells[name][cells[name].str.contains(mark, regex=False)].iloc[0]
            log.info("column %r: the %s is between thousands: %r is %s", name, {".": "point", ",": "comma"}[mark],
                     example, example.replace(mark, ""))  # fmt: skip


def as_numbers(cells: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Cells as numbers, 0 if empty, and which are not non-negative numbers; "true" and "yes" are 1.

    Columns of percentages are fractions if the other columns are: "50 %" beside "0.5" is 0.5.
    """
    text = cells.apply(lambda column: column.str.casefold().replace(_FLAGS))
    numbers = text.apply(to_numbers).where(cells != "", 0.0).to_numpy(dtype=np.float64)
    percent = text.apply(lambda column: column.str.endswith("%").any()).to_numpy(dtype=bool)
    others = numbers[:, ~percent]
    if percent.any() and others.any() and np.nanmax(others) <= 1:
        numbers[:, percent] /= _PERCENT
    return numbers, ~np.isfinite(numbers) | (numbers < 0)


def one_spelling(labels: pd.Series[str], numbers: NDArray[np.float64]) -> pd.Series[str]:
    """Labels that are numbers, in one spelling for each number: "1", "1.0" and "01" are "1"; empty ones stay empty.

    Labels of which no two are the same number stay as they are, except for integers that became floats beside empty
    cells.

    Args:
        labels: (n,) labels.
        numbers: (n,) the labels as numbers, NaN for empty ones.
    """
    import pandas as pd

    ways: dict[float, set[str]] = {}
    for label, number in zip(labels, numbers.tolist(), strict=True):
        if label:
            ways.setdefault(number, set()).add(label)
    several = [" = ".join(map(repr, sorted(names))) for _, names in sorted(ways.items()) if len(names) > 1]
    if several:
        log.info("labels that are the same number are one: %s", some(several))
    elif not labels.str.fullmatch(r"(-?\d+\.0+)?").all():
        return labels
    spelt = {number: str(int(number) if number.is_integer() else number) for number in ways}
    return pd.Series([spelt.get(number, "") for number in numbers.tolist()], index=labels.index, dtype=object)


def has_decimal_commas(unread: pd.Series[str]) -> bool:
    """Whether cells that are not numbers are numbers with a decimal comma, rather than with thousands separators."""
    return all(_COMMA.fullmatch(cell) for cell in unread) and not all(THOUSANDS.fullmatch(cell) for cell in unread)
