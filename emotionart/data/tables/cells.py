"""Spreadsheets as text: CSV, TSV or Parquet in, trimmed cells out, and back."""

from __future__ import annotations

import codecs
import csv
import io
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from emotionart.errors import UserError, suggest
from emotionart.files import atomic_write

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_HEAD = 4096  # bytes that tell text from other files
_NAMED = 10  # rows or files that a message names before it only counts


def read_cells(
    path: Path, *, quote: str | None = '"', padded: bool = True, separator: str | None = None
) -> pd.DataFrame:
    """The table as trimmed text cells, "" where a cell is missing; indexed by line or row number.

    Lines with too many fields are reported by number and left out.

    Args:
        path: the table; its ending says what it is.
        quote: character around fields that hold the separator; None where quotes mean nothing.
        padded: whether a line with too few fields ends in missing cells; otherwise it is malformed as well.
        separator: between fields; None finds it from the ending and the first line.

    Raises:
        UserError: for a missing file, one that is no table, or two columns of one name.
    """
    import pandas as pd

    if path.is_dir():
        raise UserError("This is a folder, not a table.", where=str(path), suggestions=_tables_in(path))
    if not path.is_file():
        raise UserError("There is no such table.", where=str(path), suggestions=nearest_files(path))
    if path.suffix.casefold() == ".parquet":
        try:
            frame = pd.read_parquet(path, dtype_backend="numpy_nullable")  # integers with gaps stay integers
        except (OSError, ValueError) as error:
            raise UserError(f"This is no Parquet file: {error}", where=str(path)) from None
        frame = frame.astype(object).where(frame.notna(), "").astype(str)
        frame.index = pd.RangeIndex(1, len(frame) + 1)
    else:
        frame = _read_text(path, quote, padded, separator)
    frame.columns = pd.Index([str(name).strip() for name in frame.columns])
    repeated = frame.columns[frame.columns.duplicated()]
    if len(repeated):
        raise UserError(f"Two columns have the name {repeated[0]!r}.", where=str(path))
    trimmed: pd.DataFrame = frame.apply(lambda cells: cells.str.strip())
    return trimmed


def read_header(path: Path) -> list[str]:
    """The names of a table's columns; none where it cannot be read, which reading all of it explains."""
    if not path.is_file():
        return []
    if path.suffix.casefold() == ".parquet":
        import pyarrow.parquet

        try:
            return [str(name).strip() for name in pyarrow.parquet.read_schema(path).names]
        except (OSError, ValueError):
            return []
    with path.open("rb") as file:
        line = file.readline().decode("utf-8-sig", errors="replace")
    row = next(csv.reader([line], delimiter=_separator(path, line)), [])
    return [name.strip() for name in row]


def require_table_name(path: Path) -> None:
    """Before anything is computed for it: a table can be written under this name.

    Raises:
        UserError: for another ending.
    """
    if path.suffix.casefold() not in (".parquet", ".csv", ".tsv"):
        raise UserError("A table ends in .csv, .tsv or .parquet.", where=str(path), fix=str(path.with_suffix(".csv")))


def write_cells(frame: pd.DataFrame, path: Path) -> None:
    """Writes a table in one step, as Parquet, TSV or CSV as the ending says.

    Raises:
        UserError: for another ending.
    """
    require_table_name(path)
    ending = path.suffix.casefold()
    with atomic_write(path) as partial:
        if ending == ".parquet":
            frame.to_parquet(partial, index=False)
        else:
            frame.to_csv(partial, index=False, sep="\t" if ending == ".tsv" else ",", lineterminator="\n")


def spreadsheet_cell(text: str) -> str:
    """Text as a spreadsheet shows it, too: with an apostrophe before what it would take for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def some(names: Sequence[str], most: int = _NAMED) -> str:
    """The first few names, and how many more there are."""
    rest = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def row_numbers(numbers: Sequence[int]) -> str:
    """Row numbers for a person, in runs: "rows 2-5, 9"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    named = [str(first) if first == last else f"{first}-{last}" for first, last in runs]
    return f"row{'s' if len(numbers) > 1 else ''} {some(named)}"


def nearest_files(path: Path) -> list[str]:
    """The files beside a missing one whose names are most like it."""
    folder = path.parent
    if not folder.is_dir():
        return []
    return [str(folder / name) for name in suggest(path.name, [item.name for item in folder.iterdir()])]


def _tables_in(folder: Path) -> list[str]:
    endings = (".csv", ".tsv", ".tab", ".parquet")
    return [str(item) for item in sorted(folder.iterdir()) if item.suffix.casefold() in endings][:3]


def _read_text(path: Path, quote: str | None, padded: bool, separator: str | None) -> pd.DataFrame:
    import pandas as pd

    text = _decode(path)
    header = text.partition("\n")[0]
    if separator is None:
        separator = _separator(path, header)
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=separator,
        quotechar=quote,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )
    cells: list[list[str]] = []
    lines: list[int] = []
    malformed: list[int] = []
    try:
        names = next(reader, [])
        if not any(names):
            raise UserError("This table is empty.", where=str(path))
        for row in reader:
            if not any(row):
                if row and len(row) != len(names):
                    malformed.append(reader.line_num)
            elif len(row) > len(names) or (len(row) < len(names) and not padded):
                malformed.append(reader.line_num)
            else:
                cells.append(row + [""] * (len(names) - len(row)))
                lines.append(reader.line_num)
    except csv.Error as error:
        raise UserError(f"This is no table: {error}.", where=f"{path}: row {reader.line_num}") from None
    if malformed:
        log.warning(
            "%s: %d malformed lines are left out (not %d fields): %s",
            path,
            len(malformed),
            len(names),
            some([str(number) for number in malformed]),
        )
    return pd.DataFrame(cells, columns=names, index=lines, dtype=object)


def _decode(path: Path) -> str:
    """The text of a file in UTF-8, UTF-16 (as spreadsheets call "Unicode text") or Windows-1252."""
    raw = path.read_bytes()
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", errors="replace")
    if b"\0" in raw[:_HEAD]:
        kind = "an Excel or LibreOffice workbook" if raw.startswith(b"PK") else "a binary file"
        raise UserError(f"This is no text table but {kind}.", where=str(path), fix="save it as CSV, in UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        log.warning("%s is not UTF-8; it is read as Windows-1252", path)
        return raw.decode("cp1252", errors="replace")


def _separator(path: Path, header: str) -> str:
    return "\t" if path.suffix.casefold() in (".tsv", ".tab") else max(",;\t", key=header.count)
