"""Checks of the beginning of a text table: whether it is one, and whether its first line names the columns."""

from __future__ import annotations

import csv
import io
import re
import shlex
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from emotionart.data.pictures.endings import PICTURE_ENDINGS, has_picture_ending
from emotionart.data.tables.formats.encoding import HEAD
from emotionart.data.tables.wording import some
from emotionart.errors import UserError

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

# An unclosed quote or an embedded picture makes a longer cell than the module's default limit; others tell what it is.
csv.field_size_limit(2**31 - 1)

COMMON = ",;\t"
"""Separators that are detected."""

_RARE = "|^~ "  # separators that must be given, as they occur in labels and names too
_MOST_PICTURES = 2  # cells of a row that name pictures, as for a work and its thumbnail
_LOOKED = 5  # rows below the first line that are compared with it
_LINES = 40  # lines among which the first of the table is searched for
_TURN = "turn it with a line of pandas; docs/other-layouts.md shows how"

_PICTURE = re.compile(
    rf"[^\s\[\](){{}}<>\"']+(?:{'|'.join(map(re.escape, sorted(PICTURE_ENDINGS, key=len, reverse=True)))})\b", re.I
)
"""The name of a picture within a text."""


def require_table(path: Path, text: str) -> None:
    """Checks that a download has brought the table, and not a page about it or git's pointer to it.

    Raises:
        UserError: if it has not, or for XML.
    """
    start = text[:HEAD].lstrip().casefold()
    if start.startswith(("<!doctype html", "<html")):
        what, fix = (
            "This is a page of the web, not a table.",
            "download the table itself; a page may ask to sign in first",
        )
        raise UserError(what, where=str(path), fix=fix)
    if start.startswith("<?xml"):
        raise UserError("This is XML, not a table.", where=str(path),
                        fix="a few lines of pandas make one of it (pd.read_xml)")  # fmt: skip
    if start.startswith("version https://git-lfs"):
        what = "This is git's pointer to a table, not the table."
        raise UserError(
            what, where=str(path), fix=f"git lfs pull --include={shlex.quote(path.name)}   where it was cloned"
        )


def require_separator(path: Path, text: str, separator: str, quote: str | None) -> None:
    """Checks for an uncommon separator, which must be given and is not guessed, as labels contain such characters.

    Args:
        path, text, separator, quote: as for `require_names`.

    Raises:
        UserError: for such a separator, columns of fixed width, and for lines before the table.
    """
    lines = [line for line in _lines(text) if line]
    here = lines[0].count(separator) if lines else 0
    if len(lines) < 2 or (here and any(line.count(separator) == here for line in lines[1:])):
        return
    first, *others = map(len, read_rows(text[:HEAD], separator, quote, None))
    if first > 1 and first in others:  # every line may have separators within quotes
        return
    if (start := _first_line_of_table(text)) is not None:
        raise UserError(f"The first line does not name the columns: {lines[0][:80]!r}.", where=str(path),
                        fix=without_lines(path, start))  # fmt: skip
    if here:
        return
    if len({len(re.split(r" {2,}", line.strip())) for line in lines[:2]}) == 1 and "  " in lines[0].strip():
        raise UserError("The columns seem to be separated by several spaces.", where=str(path),
                        fix=f"pd.read_fwf({path.name!r}).to_csv('labels.csv', index=False)   in Python, with "
                        "import pandas as pd")  # fmt: skip
    for rare in _RARE:
        counts = {line.count(rare) for line in lines[:2]}
        if len(counts) == 1 and counts.pop() > 0:
            name = {" ": "a space"}.get(rare, repr(rare))
            raise UserError(
                f"The first line holds no comma, semicolon or tab; its fields seem to be separated by {name}.",
                where=str(path),
                fix=f"'data.separator=\"{rare}\"'",
            )


def require_names(path: Path, text: str, separator: str, quote: str | None) -> None:
    """Checks that the first line contains column names, not data, a title, or a question about each picture.

    Args:
        path: path of the table, for messages.
        text: its text, from that line on.
        separator: separator of the fields.
        quote: character around fields; None for none.

    Raises:
        UserError: if it does not.
    """
    rows = read_rows(text[: HEAD * 4], separator, quote, _LOOKED + 1)
    names, below = (rows[0] if rows else []), rows[1:]
    quoted = len(names) == 1 and text.startswith('"') and any(sign in names[0] for sign in COMMON)
    if quoted and all(len(row) < 2 for row in below):
        raise UserError("Each line stands in quotes as a whole.", where=f"{path}: {names[0][:80]!r}",
                        fix=f"sed -E 's/^\"|\"\\r?$//g; s/\"\"/\"/g' {shlex.quote(str(path))} > "
                        f"{shlex.quote(str(beside(path)))}")  # fmt: skip
    data = [index for index, name in enumerate(names) if has_picture_ending(name.strip())]
    asked = [index for index, name in enumerate(names) if _PICTURE.search(name)]
    if (
        below
        and asked
        and not any(has_picture_ending(row[index].strip()) for row in below for index in asked if index < len(row))
    ):
        data = []
    elif len(data) <= _MOST_PICTURES:
        asked = []
    if asked:
        raise UserError(
            f"Each picture has a column of its own ({some([names[index] for index in asked], 3)}); "
            "a table has a row for each picture, or for each person's vote on it.",
            where=str(path),
            fix=_TURN,
        )
    if data:
        raise names_missing(path, names, data[0])
    named = [index for index, name in enumerate(names) if name.strip()]
    within = named[-1] + 1 - len(named) if named else 0  # spreadsheets may append empty names
    if len(names) > 2 and (len(named) < 2 or within > 1):
        start = next((index for index, row in enumerate(rows) if len(row) == len(names) and all(row)), None)
        raise UserError(
            f"The first line does not name the columns: {some([repr(name) for name in names], 4)}.",
            where=str(path),
            fix="take the lines before the names of the columns out" if start is None else without_lines(path, start),
        )


def other_quotes(path: Path, names: Sequence[str]) -> UserError | None:
    """The error for a table whose fields stand in signs that are no quotes of tables; None for another."""
    around = {name.strip()[:1] + name.strip()[-1:] for name in names}
    signs = around.pop()
    if around or signs not in ("''", "“”", "„“", "«»", "‘’", "„”"):
        return None
    change = f's/[{"".join(dict.fromkeys(signs))}]/"/g'
    return UserError(
        f"The fields stand in {signs[0]}…{signs[1]}, which are no quotes of a table.",
        where=str(path),
        fix=f"sed {shlex.quote(change)} {shlex.quote(str(path))} > {shlex.quote(str(beside(path)))}",
    )


def names_missing(path: Path, names: Sequence[str], picture: int, *further: str) -> UserError:
    """The error for a table whose first line holds data.

    Args:
        path: path of the table.
        names: cells of that line.
        picture: index of the cell that names a picture.
        further: additional overrides for the fix.
    """
    others = [index for index in range(len(names)) if index != picture]
    label = next((index for index in others if not names[index].strip().isdigit()), next(iter(others), None))
    called = {picture: "image", label: "label"}
    columns = [called.get(index, f"column{index + 1}") for index in range(len(names))]
    return UserError(
        f"The first line looks like data, not like names of columns: {some(names, 4)}.",
        where=str(path),
        fix=" ".join([f"'data.columns=[{','.join(columns)}]'", *further]),
    )


def without_lines(path: Path, count: int) -> str:
    """The command that writes a copy of a text table without its first lines."""
    return f"tail -n +{count + 1} {shlex.quote(str(path))} > {shlex.quote(str(beside(path)))}"


def beside(path: Path) -> Path:
    """The path of a mended copy of a table."""
    return path.with_name(f"{path.stem}-table{path.suffix}")


def _first_line_of_table(text: str) -> int | None:
    """The number of lines before those that have the same number of a separator, which the first has not; None if 0."""
    lines = _lines(text)[:_LINES]
    for separator in COMMON:
        if separator in lines[0]:
            continue
        counts = [line.count(separator) for line in lines]
        usual, often = Counter(filter(None, counts)).most_common(1)[0] if any(counts) else (0, 0)
        if often > 1 and 2 * often > sum(map(bool, lines)):
            return counts.index(usual) or None
    return None


def read_rows(text: str, separator: str, quote: str | None, count: int | None) -> list[list[str]]:
    """The fields of the first `count` rows of a text; None for all."""
    return list(islice(csv_reader(text, separator, quote), count))


def csv_reader(text: str, separator: str, quote: str | None) -> CsvReader:
    """A reader of the rows of a text; spaces after a separator do not count, so that a quote may follow them.

    Args:
        text: the text.
        separator: separator of the fields.
        quote: character around fields; None for none.
    """
    return csv.reader(
        io.StringIO(text, newline=""),
        delimiter=separator,
        quotechar=quote,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        skipinitialspace=separator != " ",
    )


def _lines(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text[:HEAD])
