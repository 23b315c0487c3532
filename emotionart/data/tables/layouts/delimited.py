"""Delimited text (CSV, TSV, "Unicode text") as rows of cells, whatever its encoding, line ends and separator."""

from __future__ import annotations

import codecs
import csv
import io
import logging
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from emotionart.data.pictures.endings import PICTURE_ENDINGS
from emotionart.data.tables.wording import some
from emotionart.errors import UserError
from emotionart.quoting import override

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_PREAMBLE = 20  # lines that may stand before a table
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
    if text.lstrip()[:1] in ("[", "{") and form.separator is None and form.columns is None:
        raise UserError("This looks like JSON, not like a table.", where=str(path),
                        fix=shlex.join(["mv", str(path), str(path.with_suffix(".json"))]))  # fmt: skip
    before = first_table_line(text)
    separator = form.separator or before.separator or find_separator(path, first_line(before.text))
    if form.separator is None and form.columns is None:
        _require_separator(path, before.text, separator)
    reader = csv.reader(
        io.StringIO(before.text, newline=""),
        delimiter=separator,
        quotechar=form.quote,
        quoting=csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE,
    )
    cells: list[list[str]] = []
    lines: list[int] = []
    malformed: list[int] = []
    longest = line = 0
    try:
        names = list(form.columns) if form.columns is not None else next(reader, [])
        if not any(names):
            raise UserError("This table is empty.", where=str(path))
        if form.columns is None:
            _require_names(path, names)
        for row in reader:
            if form.columns is not None and row == names:
                log.info("%s: line %d repeats the names of the columns", path, before.skipped + reader.line_num)
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
            else:
                cells.append(row + [""] * (len(names) - len(row)))
                lines.append(before.skipped + reader.line_num)
    except csv.Error as error:
        raise UserError(f"This is not a table: {error}.", where=f"{path}: row {reader.line_num}") from None
    _tell_malformed(malformed, len(cells), names, longest, form, path)
    return _without_nameless(pd.DataFrame(cells, columns=names, index=lines, dtype=object))


def _tell_malformed(
    malformed: Sequence[int], whole: int, names: Sequence[str], longest: int, form: Format, path: Path
) -> None:
    """Lines with another number of fields are left out, unless they are most: then the names do not fit."""
    if len(malformed) > whole:
        more = [f"column{place}" for place in range(len(names) + 1, longest + 1)]
        raise UserError(
            f"{len(malformed)} of {len(malformed) + whole} lines do not have {len(names)} fields, as are named, but "
            f"{longest}.",
            where=f"{path}: {some(names, 4)}",
            fix=override("data.columns", *names, *more) if form.columns else "a name for each column in the first line",
        )
    if malformed:
        numbers = some([str(number) for number in malformed])
        log.warning(
            "%s: %d malformed lines are left out (not %d fields): %s", path, len(malformed), len(names), numbers
        )


def decode_text(path: Path) -> str:
    """The text of a file in UTF-8, UTF-16 (which spreadsheets call "Unicode text"), UTF-32 or Windows-1252."""
    raw = path.read_bytes()
    if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return raw.decode("utf-32", errors="replace")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", errors="replace")
    head = raw[:_HEAD]
    for place, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):  # without its mark: every other byte of Latin text
        if head and 2 * head[place::2].count(0) > len(head[place::2]) and not head[1 - place :: 2].count(0):
            return raw.decode(encoding, errors="replace")
    if b"\0" in head:
        packed = raw.startswith(b"\x1f\x8b")
        kind = "an Excel or LibreOffice workbook" if raw.startswith(b"PK") else "a binary file"
        raise UserError(
            f"This is not a text table but {'a packed file' if packed else kind}.",
            where=str(path),
            fix=f"{shlex.join(['gunzip', '-c', str(path)])} > {shlex.quote(f'{path.stem}.csv')}"
            if packed
            else "save it as CSV, in UTF-8",
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        log.warning("%s is not UTF-8; it is read as Windows-1252", path)
        return raw.decode("cp1252", errors="replace")


def first_line(text: str) -> str:
    """The text before the first line end of any kind."""
    return re.split(r"\r\n|\r|\n", text, maxsplit=1)[0]


def find_separator(path: Path, header: str) -> str:
    """Tab where the ending says so and the first line holds one, else the common separator that it has most of."""
    tabs = path.suffix.casefold() in (".tsv", ".tab") and "\t" in header
    return "\t" if tabs else max(_COMMON, key=header.count)


class Opening(NamedTuple):
    """A text without the lines before its table.

    Attributes:
        text: from the line with the names of the columns.
        skipped: lines before it.
        separator: that one of them names ("sep=;", which Excel reads).
    """

    text: str
    skipped: int
    separator: str | None


def first_table_line(text: str) -> Opening:
    """The text from the first line of its table, after comments and a line that names the separator."""
    lines = re.split(r"(\r\n|\r|\n)", text, maxsplit=_PREAMBLE)  # with the line ends between them
    separator, place = None, 0
    while place < len(lines) and (named := re.fullmatch(r'"?sep=(.)"?', lines[place], re.IGNORECASE)):
        separator, place = named[1], place + 2
    if place >= len(lines):
        return Opening("", place // 2, separator)
    table = next((at for at in range(place, len(lines), 2) if not lines[at].startswith("#")), place)
    if _separators(lines[place]) < _separators(first_line(lines[table])):  # else "#" is the name of a column
        place = table
    return Opening("".join(lines[place:]), place // 2, separator)


def _separators(line: str) -> int:
    return max(map(line.count, _COMMON))


def _require_closed_quotes(row: Sequence[str], separator: str, fields: int, path: Path, line: int) -> None:
    """A quote that is not closed makes one cell of the lines after it, which look like rows and not like a text."""
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
    return any(Path(field.strip()).suffix.casefold() in PICTURE_ENDINGS for field in line.split(separator))


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
    pictures = [place for place, name in enumerate(names) if Path(name.strip()).suffix.casefold() in PICTURE_ENDINGS]
    if pictures:
        raise names_missing(path, names, pictures[0])
    named = [place for place, name in enumerate(names) if name.strip()]
    within = named[-1] + 1 - len(named) if named else 0  # empty ones at the end are a spreadsheet's
    if len(names) > 2 and (len(named) < 2 or within > 1):
        raise UserError(
            f"The first line does not name the columns: {some([repr(name) for name in names], 4)}.",
            where=str(path),
            fix="take the lines before the names of the columns out",
        )


def names_missing(path: Path, names: Sequence[str], picture: int, *further: str) -> UserError:
    """The mistake of a table whose first line holds data.

    Args:
        path: of the table.
        names: the cells of that line.
        picture: place of the one that names a picture.
        further: overrides that it needs besides.
    """
    others = [place for place in range(len(names)) if place != picture]
    label = next((place for place in others if not names[place].strip().isdigit()), next(iter(others), None))
    called = {picture: "image", label: "label"}
    columns = [called.get(place, f"column{place + 1}") for place in range(len(names))]
    return UserError(
        f"The first line looks like data, not like names of columns: {some(names, 4)}.",
        where=str(path),
        fix=" ".join([f"'data.columns=[{','.join(columns)}]'", *further]),
    )


def _without_nameless(frame: pd.DataFrame) -> pd.DataFrame:
    """The table without columns that have neither a name nor a cell, as a comma at the end of each line makes.

    What has cells alone is called "index", as pandas writes it.
    """
    kept = [
        place
        for place, name in enumerate(frame.columns)
        if name.strip() or (frame.iloc[:, place].str.strip() != "").any()
    ]
    found = frame.iloc[:, kept]
    free = iter(["index", *(f"column{place}" for place in range(2, len(kept) + 2))])
    return found.set_axis([name if name.strip() else next(free) for name in found.columns], axis=1)
