"""Reading of delimited text (CSV, TSV, "Unicode text") with any encoding, line ends and separator."""

from __future__ import annotations

import csv
import logging
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from emotionart.data.pictures.endings import has_picture_ending
from emotionart.data.tables.formats.encoding import HEAD, decode_text
from emotionart.data.tables.formats.header import (
    COMMON,
    beside,
    csv_reader,
    read_rows,
    require_names,
    require_separator,
    require_table,
)
from emotionart.data.tables.wording import some
from emotionart.errors import UserError
from emotionart.quoting import override_list

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_DESCRIBED = '{"ImportId"'  # cells of the last of three lines with which exports of Qualtrics begin
_DOUBLE = r's/\\"/""/g'  # sed's command that makes two quotes of a backslash and one
_PREAMBLE = 20  # maximum number of lines before a table
_COMPARED = 12  # rows, with the header, by which separators are compared


@dataclass(frozen=True)
class Format:
    """Format of a text table.

    Attributes:
        quote: character around fields that contain the separator; None if quotes have no meaning.
        padded: whether lines with too few fields are padded with missing cells and surplus empty fields at their end
            ignored; otherwise such lines are malformed.
        separator: separator of fields; None detects it from the ending and the first line.
        columns: names of the columns if they are not in the first line.
    """

    quote: str | None = '"'
    padded: bool = True
    separator: str | None = None
    columns: Sequence[str] | None = None


def read_delimited(path: Path, form: Format) -> pd.DataFrame:
    """The cells of a text table, indexed by the number of each row's last line.

    Raises:
        UserError: for a file that is not text, an empty table, or a first line with data or another separator.
    """
    import pandas as pd

    text = decode_text(path)
    if text.lstrip()[:1] in ("[", "{") and form.separator is None and form.columns is None:
        raise UserError("This looks like JSON, not like a table.", where=str(path),
                        fix=shlex.join(["mv", str(path), str(path.with_suffix(".json"))]))  # fmt: skip
    require_table(path, text)
    before = first_table_line(text)
    separator = form.separator or before.separator or find_separator(path, before.text, form.quote)
    if form.separator is None and form.columns is None:
        require_separator(path, before.text, separator, form.quote)
    reader = csv_reader(before.text, separator, form.quote)
    cells: list[list[str]] = []
    lines: list[int] = []
    malformed: list[int] = []
    longest = line = escaped = 0
    try:
        names = list(form.columns) if form.columns is not None else next(reader, [])
        if not any(names):
            raise UserError("This table is empty.", where=str(path))
        if form.columns is None:
            require_names(path, before.text, separator, form.quote)
        for row in reader:
            if row == names:
                log.info("%s: line %d repeats the names of the columns", path, before.skipped + reader.line_num)
                continue
            if len(cells) < 2 and any(row) and all(cell.startswith(_DESCRIBED) for cell in row if cell):
                log.info("%s: the lines above line %d describe the columns, and are left out with it", path,
                         before.skipped + reader.line_num + 1)  # fmt: skip
                cells, lines = [], []
                continue
            longest = max(longest, len(row))
            if reader.line_num > line + 1:
                _require_closed_quotes(row, separator, len(names), path, before.skipped + reader.line_num)
            line = reader.line_num
            if form.padded and any(row):
                while len(row) > len(names) and not row[-1]:
                    row.pop()
            if not any(row):
                if row and len(row) != len(names):
                    malformed.append(before.skipped + reader.line_num)
            elif len(row) > len(names) or (len(row) < len(names) and not form.padded):
                malformed.append(before.skipped + reader.line_num)
                escaped += any("\\" in cell and '"' in cell for cell in row)
            else:
                cells.append(row + [""] * (len(names) - len(row)))
                lines.append(before.skipped + reader.line_num)
    except csv.Error as error:
        raise UserError(f"This is not a table: {error}.", where=f"{path}: row {reader.line_num}") from None
    if malformed and escaped == len(malformed):
        change = f"sed {shlex.quote(_DOUBLE)} {shlex.quote(str(path))} > {shlex.quote(str(beside(path)))}"
        raise UserError(r'Quotes within cells are written as \", not as "".', where=f"{path}: row {malformed[0]}",
                        fix=change)  # fmt: skip
    _warn_of_malformed(malformed, len(cells), names, longest, form.columns is not None, separator, path)
    frame = pd.DataFrame(cells, columns=names, index=lines, dtype=object)
    require_one_line_of_names(frame, path)
    return without_nameless(frame)


def _warn_of_malformed(
    malformed: Sequence[int], whole: int, names: Sequence[str], longest: int, given: bool, separator: str, path: Path
) -> None:
    """Warns of malformed lines, which are left out; if they are the majority, the column names are wrong: an error.

    Args:
        malformed: their numbers.
        whole: number of the other lines.
        names: names of the columns.
        longest: number of fields of the longest line.
        given: whether the names are given, not read from the first line.
        separator: separator of fields.
        path: path of the table.
    """
    if len(malformed) > whole and longest > len(names):
        more = [f"column{index}" for index in range(len(names) + 1, longest + 1)]
        change = shlex.quote(f"1s/^/row{separator}/")
        named = f"sed {change} {shlex.quote(str(path))} > {shlex.quote(str(beside(path)))}"
        raise UserError(
            f"{len(malformed)} of {len(malformed) + whole} lines do not have {len(names)} fields, as are named, but "
            f"{longest}.",
            where=f"{path}: {some(names, 4)}",
            fix=override_list("data.columns", [*names, *more])
            if given
            else "a name for each column in the first line"
            + (f"   or {named}   if the first column, of row numbers, has none" if len(more) == 1 else ""),
        )
    if malformed:
        numbers = some([str(number) for number in malformed])
        log.warning(
            "%s: %d malformed lines are left out (not %d fields): %s", path, len(malformed), len(names), numbers
        )


def first_line(text: str) -> str:
    """The text before the first line end of any kind."""
    return re.split(r"\r\n|\r|\n", text, maxsplit=1)[0]


def find_separator(path: Path, text: str, quote: str | None = '"') -> str:
    """Tab if the ending implies it and the header contains one, or else the header's most frequent common separator.

    If the header contains several, it is the one that divides most of the first rows into as many fields as the header.

    Args:
        path: path of the table.
        text: its text from the header on.
        quote: character around fields; None for none.
    """
    header = first_line(text)
    if path.suffix.casefold() in (".tsv", ".tab") and "\t" in header:
        return "\t"

    def fits(separator: str) -> int:
        names, *rows = read_rows(text[: 4 * HEAD], separator, quote, _COMPARED)
        return sum(len(row) == len(names) for row in rows)

    contained = [separator for separator in COMMON if separator in header]
    return max(contained or COMMON, key=lambda one: (fits(one) if len(contained) > 1 else 0, header.count(one)))


class Opening(NamedTuple):
    """A text table without the lines before it.

    Attributes:
        text: text from the line with the column names on.
        skipped: number of lines before it.
        separator: separator given in one of them ("sep=;", an Excel convention); None if there is none.
    """

    text: str
    skipped: int
    separator: str | None


def first_table_line(text: str) -> Opening:
    """The text from its table's first line on, after empty lines, comments and a line that gives the separator."""
    lines = re.split(r"(\r\n|\r|\n)", text, maxsplit=_PREAMBLE)  # with the line ends between them
    separator, index = None, 0
    while index < len(lines):
        named = re.fullmatch(r'"?sep=(.)"?', lines[index], re.IGNORECASE)
        if lines[index].strip() and not named:
            break
        separator, index = named[1] if named else separator, index + 2
    if index >= len(lines):
        return Opening("", index // 2, separator)
    table = next((at for at in range(index, len(lines), 2) if not lines[at].startswith("#")), index)
    if _separators(lines[index]) < _separators(first_line(lines[table])):  # otherwise "#" begins a column name
        index = table
    return Opening("".join(lines[index:]), index // 2, separator)


def _separators(line: str) -> int:
    return max(map(line.count, COMMON))


def _require_closed_quotes(row: Sequence[str], separator: str, fields: int, path: Path, line: int) -> None:
    """Checks for an unclosed quote, which merges the following lines into one cell that looks like rows."""
    if fields < 2:
        return
    for cell in row:
        inside = re.split(r"\r\n|\r|\n", cell)[1:]
        rows = [
            part
            for part in inside
            if part.count(separator) == fields - 1 and (fields > 2 or _names_picture(part, separator))
        ]
        if 2 * len(rows) > len(inside):
            first = line - len(inside)
            raise UserError("A quote opens here and does not close.", where=f"{path}: row {first}: {cell[:40]!r}",
                            fix='two quotes ("") within a cell, or none')  # fmt: skip


def _names_picture(line: str, separator: str) -> bool:
    return any(has_picture_ending(field.strip()) for field in line.split(separator))


def require_one_line_of_names(frame: pd.DataFrame, path: Path) -> None:
    """Checks that the first row does not name columns of numbers that have no other name, as below a spanned cell.

    Raises:
        UserError: if it does.
    """
    nameless = [place for place, name in enumerate(frame.columns) if place and not name.strip()]
    below = frame.iloc[:, nameless]
    if not nameless or len(frame) < 2 or not below.iloc[0].str.contains(r"[^\W\d_]").all():
        return
    if below.iloc[1:].apply(lambda cells: cells.str.fullmatch(r"[\s\d.,%]*")).to_numpy().all():
        raise UserError(f"The names of the columns stand in two lines: {some(below.iloc[0].tolist(), 4)}.",
                        where=str(path), fix="one line with a name for each column")  # fmt: skip


def without_nameless(frame: pd.DataFrame) -> pd.DataFrame:
    """The table without columns that have neither a name nor cells, as trailing commas create.

    A column with cells but no name is called "index", as pandas writes it.
    """
    kept = [
        index
        for index, name in enumerate(frame.columns)
        if name.strip() or (frame.iloc[:, index].str.strip() != "").any()
    ]
    table = frame.iloc[:, kept]
    free = iter(["index", *(f"column{index}" for index in range(2, len(kept) + 2))])
    return table.set_axis([name if name.strip() else next(free) for name in table.columns], axis=1)
