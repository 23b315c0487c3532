"""Selection of rows of a table by an expression over its columns."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from emotionart.data.tables.meaning.numerals import to_numbers
from emotionart.data.tables.wording import some
from emotionart.errors import UserError, suggest
from emotionart.quoting import override, quoted_column, reaches_out

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)


def keep_rows(frame: pd.DataFrame, where: str, path: Path) -> pd.DataFrame:
    """The rows for which an expression is true, evaluated as by pandas' `DataFrame.query`.

    Numeric columns are numbers in it, NaN for empty cells; all others are text.

    Args:
        frame: the cells.
        where: the expression.
        path: path of the table, for messages.

    Raises:
        UserError: if pandas cannot read it, it is not boolean, or no row is left.
    """
    if reaches_out(where):
        raise UserError(
            "An expression over columns holds no @, and no name that begins with __.", where=f"data.where={where}"
        )
    numbers = {name: to_numbers(frame[name]) for name in frame.columns}
    numeric = [
        name
        for name, column in numbers.items()
        if column.notna().any() and not (column.isna() & (frame[name] != "")).any()
    ]
    columns = frame.assign(**{str(name): numbers[name] for name in numeric})
    try:
        mask = columns.eval(where, engine="python")
    except Exception as error:  # pandas raises what the expression raises
        raise _unread(str(error), where, list(frame.columns)) from None
    if not isinstance(mask, pd.Series) or mask.dtype != bool:
        raise UserError(
            "This expression is not true or false for each row.",
            where=f"data.where={where}",
            fix=override("data.where", re.sub(r"(?<![=<>!])=(?!=)", "==", where)) if "=" in where else None,
        )
    kept = frame[mask.to_numpy()]
    if kept.empty:
        raise UserError(
            "No row is left.", where=f"{path}: data.where={where}", suggestions=_values(frame, where, numeric)
        )
    log.info("%s: %d of %d rows are kept by data.where", path, len(kept), len(frame))
    return kept


def _unread(error: str, where: str, columns: Sequence[str]) -> UserError:
    """The error for an expression that pandas cannot read, with the probable column."""
    unknown = re.search(r"name '(\w+)' is not defined", error)
    near = suggest(unknown[1], columns) if unknown else []
    name = quoted_column(near[0]) if near else None
    return UserError(
        f"pandas cannot read this expression: {error[:200]}",
        where=f"data.where={where}",
        suggestions=near or columns[:10],
        fix=override("data.where", re.sub(rf"\b{unknown[1]}\b", lambda _: name, where))
        if unknown and name
        else override("data.where", 'COLUMN == "VALUE"'),
    )


def _values(frame: pd.DataFrame, where: str, numeric: Sequence[str]) -> list[str]:
    """The contents of the columns named in an expression, for a message."""
    named = [name for name in frame.columns if re.search(rf"\b{re.escape(name)}\b", where)]
    return [
        f"{name} holds numbers, which take no quotes"
        if name in numeric
        else f"{name} holds {some([repr(value) for value in frame[name].unique()], 4)}"
        for name in named[:3]
    ]
