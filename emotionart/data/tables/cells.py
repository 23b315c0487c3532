"""Reading tables of any format as trimmed text cells, and writing them."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from emotionart.data.pictures.decode import is_there
from emotionart.data.tables.formats.delimited import (
    Format,
    find_separator,
    first_table_line,
    read_delimited,
)
from emotionart.data.tables.formats.encoding import decode_text
from emotionart.data.tables.formats.header import read_rows
from emotionart.data.tables.formats.records import RECORD_ENDINGS, parquet_columns, read_records
from emotionart.data.tables.layouts.imagefolder import FILE_NAME, PART, metadata_tables, part_folders
from emotionart.data.tables.splits.parts import part_of
from emotionart.data.tables.wording import some
from emotionart.errors import UserError, suggest
from emotionart.files import atomic_write

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_TEXT = Format()


def read_cells(path: Path, form: Format = _TEXT, pictures: Path | None = None) -> pd.DataFrame:
    """The table as trimmed text cells, "" for missing ones, indexed by line or row number.

    Lines with too many fields are reported by number and left out. The tables in a folder of parts (Hugging Face's
    imagefolder) are read as one table, with rows numbered from the first part to the last.

    Args:
        path: the table, whose ending gives its format, or a folder of parts.
        form: format of a text table.
        pictures: folder for pictures embedded in the table; None leaves them out.

    Raises:
        UserError: for a missing file, a file that is not a table, or two columns of the same name.
    """
    import pandas as pd

    if path.is_dir():
        return _read_parts(path, form, pictures)
    if not path.is_file():
        raise UserError("There is no such table.", where=str(path), suggestions=nearest_files(path))
    holds_records = path.suffix.casefold() in RECORD_ENDINGS
    frame = read_records(path, pictures, form.columns) if holds_records else read_delimited(path, form)
    frame.columns = pd.Index([str(name).strip() for name in frame.columns])
    repeated = frame.columns[frame.columns.duplicated()]
    if len(repeated):
        raise UserError(f"Two columns have the name {repeated[0]!r}.", where=str(path), fix="rename one of them")
    trimmed: pd.DataFrame = frame.apply(lambda cells: cells.str.strip())
    return trimmed


def read_header(path: Path, form: Format = _TEXT) -> list[str]:
    """The column names of a table; empty if it cannot be read, which `read_cells` explains."""
    if path.is_dir():
        tables = metadata_tables(path)
        return list(dict.fromkeys(name for table in tables.values() for name in read_header(table, form)))
    if not path.is_file():
        return []
    ending = path.suffix.casefold()
    if ending == ".parquet":
        return parquet_columns(path)
    try:
        if ending in RECORD_ENDINGS:
            return list(read_cells(path, form).columns)
        opening = first_table_line(decode_text(path, quiet=True))
    except UserError:
        return []
    separator = form.separator or opening.separator or find_separator(path, opening.text)
    names = form.columns or next(iter(read_rows(opening.text, separator, '"', 1)), [])
    return [name.strip() for name in names]


def require_table_name(path: Path) -> None:
    """Checks, before anything is computed, that a table can be written under this name.

    Raises:
        UserError: if the name does not end in .csv, .tsv or .parquet.
    """
    if path.suffix.casefold() not in (".parquet", ".csv", ".tsv"):
        raise UserError("A table ends in .csv, .tsv or .parquet.", where=str(path), fix=str(path.with_suffix(".csv")))


def write_cells(frame: pd.DataFrame, path: Path) -> None:
    """Writes a table atomically, as Parquet, TSV or CSV depending on the ending.

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
    """Text for a spreadsheet cell: an apostrophe precedes what would be read as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def nearest_files(path: Path) -> list[str]:
    """Files in the folder of a missing one with similar names."""
    folder = path.parent
    if not folder.is_dir():
        return []
    return [str(folder / name) for name in suggest(path.name, [item.name for item in folder.iterdir()])]


def _read_parts(folder: Path, form: Format, pictures: Path | None) -> pd.DataFrame:
    """The tables of a folder's parts as one table, with the part's name prepended to pictures' names if needed."""
    import pandas as pd

    tables = metadata_tables(folder)
    if not tables:
        raise UserError("This is a folder, not a table.", where=str(folder), suggestions=_tables_in(folder))
    frames = []
    homes = part_folders(folder)
    bare = {home.name for home in homes}
    for name, table in tables.items():
        frame = read_cells(table, form, pictures)
        alike = [home for home in homes if part_of(home.name) == part_of(name)]
        if alike:
            home = table.parent if table.parent in homes else alike[0]
            frame = frame.apply(lambda cells, home=home, inside=home == table.parent: _within(cells, home, inside))
            bare.discard(home.name)
        frames.append(frame.assign(**{PART: name}))
    if bare:
        log.warning("%s: no table of labels lies in %s; the pictures there are left out", folder, some(sorted(bare)))
    joined = pd.concat(frames, ignore_index=True).fillna("")
    joined.index = pd.RangeIndex(1, len(joined) + 1)
    return joined


def _within(cells: pd.Series[str], home: Path, inside: bool) -> pd.Series[str]:
    """A column with the folder's name prepended if its cells name files in the folder; otherwise unchanged.

    Args:
        cells: the column.
        home: the folder.
        inside: whether the table lies in the folder.
    """
    named = cells[cells != ""]
    is_file = (inside and cells.name == FILE_NAME) or (
        len(named) > 0 and is_there(home / named.iloc[0]) and (home / named.iloc[0]).is_file()
    )
    return cells.where(cells == "", f"{home.name}/" + cells) if is_file else cells


def _tables_in(folder: Path) -> list[str]:
    endings = (".csv", ".tsv", ".tab", *RECORD_ENDINGS)
    return [str(item) for item in sorted(folder.iterdir()) if item.suffix.casefold() in endings][:3]
