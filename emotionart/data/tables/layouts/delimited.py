"""Delimited text (CSV, TSV, "Unicode text") as rows of cells, whatever its encoding, line ends and separator."""

from __future__ import annotations

import codecs
import csv
import io
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emotionart.data.pictures.endings import PICTURE_ENDINGS
from emotionart.data.tables.wording import some
from emotionart.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_HEAD = 4096  # bytes that tell text from other files
_COMMON = ",;\t"  # separators that are found without being named
_RARE = "|^~ "  # and those that are not, since labels and names hold them too


@dataclass(frozen=True)
class Format:
    """How a text table is written down.

    Attributes:
        quote: character around fields that hold the separator; None where quotes mean nothing.
        padded: whether a line with too few fields ends in missing cells, and empty fields at its end are nobody's
            mistake; otherwise such a line is malformed.
        separator: between fields; None finds it from the ending and the first line.
        columns: names of the columns where the first line does not give them.
    """

    quote: str | None = '"'
    padded: bool = True
    separator: str | None = None
    columns: Sequence[str] | None = None


def read_delimited(path: Path, form: Format) -> pd.DataFrame:
    """The cells, indexed by the number of the line in which each row ends.

    Raises:
        UserError: for a file that is no text, an empty table, or a first line that holds data or another separator.
    """
    import pandas as pd

    text = decode_text(path)
    separator = form.separator or find_separator(path, first_line(text))
    if form.separator is None and form.columns is None:
        _require_separator(path, text, separator)
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=separator,
        quotechar=form.quote,
        quoting=csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE,
    )
    cells: list[list[str]] = []
    lines: list[int] = []
    malformed: list[int] = []
    try:
        names = list(form.columns) if form.columns is not None else next(reader, [])
        if not any(names):
            raise UserError("This table is empty.", where=str(path))
        if form.columns is None:
            _require_names(path, names)
        for row in reader:
            if form.padded and any(row):
                while len(row) > len(names) and not row[-1]:
                    row.pop()
            if not any(row):
                if row and len(row) != len(names):
                    malformed.append(reader.line_num)
            elif len(row) > len(names) or (len(row) < len(names) and not form.padded):
                malformed.append(reader.line_num)
            else:
                cells.append(row + [""] * (len(names) - len(row)))
                lines.append(reader.line_num)
    except csv.Error as error:
        raise UserError(f"This is not a table: {error}.", where=f"{path}: row {reader.line_num}") from None
    if malformed:
        log.warning(
            "%s: %d malformed lines are left out (not %d fields): %s",
            path,
            len(malformed),
            len(names),
            some([str(number) for number in malformed]),
        )
    return _without_nameless(pd.DataFrame(cells, columns=names, index=lines, dtype=object))


def decode_text(path: Path) -> str:
    """The text of a file in UTF-8, UTF-16 (as spreadsheets call "Unicode text") or Windows-1252."""
    raw = path.read_bytes()
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", errors="replace")
    if b"\0" in raw[:_HEAD]:
        kind = "an Excel or LibreOffice workbook" if raw.startswith(b"PK") else "a binary file"
        raise UserError(f"This is not a text table but {kind}.", where=str(path), fix="save it as CSV, in UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        log.warning("%s is not UTF-8; it is read as Windows-1252", path)
        return raw.decode("cp1252", errors="replace")


def first_line(text: str) -> str:
    """The text before the first line end of any kind."""
    return re.split(r"\r\n|\r|\n", text, maxsplit=1)[0]


def find_separator(path: Path, header: str) -> str:
    """Tab where the ending says so, else the common separator that the first line has most of."""
    return "\t" if path.suffix.casefold() in (".tsv", ".tab") else max(_COMMON, key=header.count)


def _require_separator(path: Path, text: str, separator: str) -> None:
    """Another separator than the common ones is named, not guessed: labels hold such characters too."""
    lines = [line for line in re.split(r"\r\n|\r|\n", text[:_HEAD]) if line][:3]
    if len(lines) < 2 or separator in lines[0]:
        return
    for rare in _RARE:
        counts = {line.count(rare) for line in lines[:2]}
        if len(counts) == 1 and counts.pop() > 0:
            name = {" ": "a space"}.get(rare, repr(rare))
            raise UserError(
                f"The first line holds no comma, semicolon or tab; its fields seem to be separated by {name}.",
                where=str(path),
                fix=f"'data.separator=\"{rare}\"'",
            )


def _require_names(path: Path, names: Sequence[str]) -> None:
    """The first line names columns, and no pictures."""
    if not any(Path(name.strip()).suffix.casefold() in PICTURE_ENDINGS for name in names):
        return
    guess = ["image" if Path(name.strip()).suffix.casefold() in PICTURE_ENDINGS else "" for name in names]
    rest = iter(["label", *(f"column{place}" for place in range(2, len(names) + 1))])
    raise UserError(
        f"The first line looks like data, not like names of columns: {some(names, 4)}.",
        where=str(path),
        fix=f"'data.columns=[{','.join(name or next(rest) for name in guess)}]'",
    )


def _without_nameless(frame: pd.DataFrame) -> pd.DataFrame:
    """The table without columns that have neither a name nor a cell, as a comma at the end of each line makes."""
    kept = [
        place
        for place, name in enumerate(frame.columns)
        if name.strip() or (frame.iloc[:, place].str.strip() != "").any()
    ]
    return frame.iloc[:, kept]
