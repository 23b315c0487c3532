"""Reading of workbooks of Excel and LibreOffice: the sheet with the table, and cells that span several rows."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionart.data.pictures.endings import has_picture_ending
from emotionart.data.tables.formats.delimited import require_one_line_of_names, without_nameless
from emotionart.data.tables.formats.header import names_missing
from emotionart.data.tables.wording import some
from emotionart.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

WORKBOOK_ENDINGS = (".xlsx", ".xls", ".ods")


def read_workbook(path: Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The cells of the first visible sheet with two columns or more, or else of the first with any cells, as text.

    A cell that spans several rows holds for all of them. Empty rows and columns are left out.

    Args:
        path: the workbook.
        columns: names of the columns if they are not in the first row.

    Raises:
        UserError: if no installed package reads the workbook, or it is damaged.
    """
    import pandas as pd

    package = _package(path)
    try:
        # Only a workbook that is held in memory knows its hidden rows and spanned cells.
        options: dict[str, Any] = {"engine_kwargs": {"read_only": False}} if package == "openpyxl" else {}
        with pd.ExcelFile(path, **options) as book:
            names = [str(name) for name in book.sheet_names]
            visible = [name for name in names if package != "openpyxl" or book.book[name].sheet_state == "visible"]
            name, rows, cells = "", 0, pd.DataFrame()
            for sheet in visible:
                hidden = _fill_spanned(book.book[sheet]) if package == "openpyxl" else 0
                read = pd.read_excel(book, sheet_name=sheet, header=None, dtype=str, keep_default_na=False).fillna("")
                if cells.empty or _names_columns(read):
                    name, rows, cells = sheet, hidden, read
                if _names_columns(cells):
                    break
    except ImportError:
        raise UserError(
            f"This workbook needs the package {package}, which is not installed.",
            where=str(path),
            fix=f"pip install {package}   or save it as CSV, in UTF-8",
        ) from None
    except Exception:  # each reader raises its own types of exceptions
        raise UserError(
            "This is not a workbook, in spite of its ending, or a damaged one.",
            where=str(path),
            fix="open it in a spreadsheet program, and save it as CSV, in UTF-8",
        ) from None
    if cells.empty:
        return pd.DataFrame()
    if len(names) > 1:
        log.warning("%s: of its sheets %s only %r is read", path, some([repr(one) for one in names]), name)
    if rows:
        log.warning("%s: %d hidden rows of sheet %r are read like all others", path, rows, name)
    cells = cells.loc[(cells != "").any(axis=1)]
    return _with_names(cells, path, name) if columns is None else _named(cells, columns, path, name)


def _names_columns(cells: pd.DataFrame) -> bool:
    return cells.shape[1] > 1 and len(cells) > 1


def _fill_spanned(sheet: Any) -> int:
    """Fills the cells that one of openpyxl's sheets has merged over several rows; the number of its hidden rows."""
    for span in list(sheet.merged_cells.ranges):
        if span.min_col == span.max_col:
            value = sheet.cell(span.min_row, span.min_col).value
            sheet.unmerge_cells(str(span))
            for row in range(span.min_row, span.max_row + 1):
                sheet.cell(row, span.min_col).value = value
    return sum(bool(form.hidden) for row, form in sheet.row_dimensions.items() if 1 < row <= sheet.max_row)


def _with_names(cells: pd.DataFrame, path: Path, sheet: str) -> pd.DataFrame:
    """The table below a first row of names.

    Raises:
        UserError: if this row holds data, or names fewer than two of several columns.
    """
    names = cells.iloc[0].str.strip().tolist()
    if sum(map(bool, names)) < min(2, len(names)):
        raise UserError(
            f"The first row of sheet {sheet!r} does not name the columns: {some([repr(name) for name in names], 4)}.",
            where=str(path),
            fix="take the rows before the names of the columns out",
        )
    data = [place for place, name in enumerate(names) if has_picture_ending(name)]
    if len(data) == 1 and len(cells) > 1 and has_picture_ending(str(cells.iloc[1, data[0]]).strip()):
        raise names_missing(path, names, data[0])
    table = cells.iloc[1:].set_axis(names, axis=1).reset_index(drop=True)
    require_one_line_of_names(table, path)
    return without_nameless(table)


def _named(cells: pd.DataFrame, columns: Sequence[str], path: Path, sheet: str) -> pd.DataFrame:
    """The cells under given names.

    Raises:
        UserError: for another number of names than of columns with cells.
    """
    filled = cells.loc[:, (cells != "").any(axis=0)]
    if filled.shape[1] != len(columns):
        first = some([repr(cell) for cell in filled.iloc[0]], 4)
        raise UserError(f"Sheet {sheet!r} has {filled.shape[1]} columns, not {len(columns)}: {first}.",
                        where=f"{path}: data.columns")  # fmt: skip
    return filled.set_axis(list(columns), axis=1)


def _package(path: Path) -> str:
    """The package with which pandas reads a workbook, which it chooses by the content, as endings may be wrong."""
    with path.open("rb") as file:
        zipped = file.read(2) == b"PK"
    if zipped:
        return "odfpy" if path.suffix.casefold() == ".ods" else "openpyxl"
    return "xlrd"
