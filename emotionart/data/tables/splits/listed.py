"""A split given by lists of names: one name per line, a table, or JSON."""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

import numpy as np

from emotionart.data.pictures.endings import has_picture_ending
from emotionart.data.tables.cells import nearest_files
from emotionart.data.tables.formats.encoding import decode_text
from emotionart.data.tables.splits.given import GivenSplit
from emotionart.data.tables.splits.parts import SPELLINGS, part_of
from emotionart.data.tables.wording import some
from emotionart.errors import UserError, suggest

log = logging.getLogger(__name__)

_SEPARATORS = "\t,;"
_INDEX = ("", "unnamed: 0", "index")  # names of columns that number the rows


def find_lists(split: str | Mapping[str, str], folder: Path) -> dict[str, Path]:
    """The file that lists each part's artworks, as given or found in a folder.

    Args:
        split: part -> file, or a folder of files such as `train.txt`.
        folder: folder to which paths are relative, or else the working folder.

    Raises:
        UserError: for a missing list, a key that is not a part, or a folder without lists.
    """
    lists: dict[str, Path] = {}
    for part, file in named_parts(split, folder).items():
        path = resolve(file, folder)
        if path is None or not path.is_file():
            raise UserError(
                "There is no such list.",
                where=f"data.split: {file}",
                suggestions=nearest_files(folder / file),
            )
        lists[part] = path
    return lists


def named_parts(split: str | Mapping[str, str], folder: Path) -> dict[str, str]:
    """Part -> its file or folder, as given or found by name in a folder of lists.

    Raises:
        UserError: for a key that is not a part, or a folder without lists.
    """
    if isinstance(split, str):
        home = resolve(split, folder)
        files = [] if home is None or not home.is_dir() else [file for file in sorted(home.iterdir()) if file.is_file()]
        named = _once([(part, str(file)) for file in files if (part := part_of(file.stem))])
        if not named:
            raise UserError(
                "There is no column, and no folder with lists such as train.txt, of this name.",
                where=f"data.split={split}",
            )
        return named
    for name in split:
        if part_of(name) is None:
            raise UserError(
                f"{name!r} is not a part of a split.",
                where="data.split",
                suggestions=suggest(name, SPELLINGS) or list(SPELLINGS),
            )
    return _once([(part_of(name) or name, str(file)) for name, file in split.items()])


def _once(named: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Part -> its file.

    Raises:
        UserError: if two files are of the same part.
    """
    by_part: dict[str, str] = {}
    for part, file in named:
        if part in by_part:
            raise UserError(
                f"Two lists are of the part {part!r}: {by_part[part]} and {file}.",
                where="data.split",
                fix=f"'data.split={{{part}: {file}, ...}}'   with one list for each part",
            )
        by_part[part] = file
    return by_part


def parts_of_lists(lists: Mapping[str, Path], names: Sequence[str]) -> GivenSplit:
    """The split given by lists of names, with or without folder and ending.

    Args:
        lists: part -> file.
        names: (n,) name of each artwork's picture in the data.

    Raises:
        UserError: if a list names none of the artworks, or two lists name the same one.
    """
    rows = _places(names)
    part = np.full(len(names), "", dtype=object)
    for which, file in lists.items():
        listed = _listed(file, rows)
        places = [_place(name, rows) for name in listed]
        matched = [place for place in places if place is not None]
        strange = [name for name, place in zip(listed, places, strict=True) if place is None]
        if not matched:
            raise UserError(f"This list names none of the artworks: {_shown(listed)}.", where=str(file))
        twice = [names[row] for row in matched if part[row] not in ("", which)]
        if twice:
            raise UserError(f"{len(twice)} artworks are in two lists: {some(twice, 3)}.", where=str(file))
        if strange:
            log.warning("%s: %d of %d names are not those of artworks: %s",
                        file, len(strange), len(listed), _shown(strange))  # fmt: skip
        part[matched] = which
    named = {which: str(file) for which, file in lists.items()}
    return GivenSplit(part, f"lists {some([file.name for file in lists.values()])}", named, mapped=True)


def resolve(path: str, folder: Path) -> Path | None:
    """A path relative to a folder, or else to the working folder; None if neither exists."""
    candidates = (folder / Path(path).expanduser(), Path(path).expanduser())
    return next((candidate for candidate in candidates if candidate.exists()), None)


def _listed(file: Path, rows: Mapping[str, int]) -> list[str]:
    """The names in a list, read in the way that matches the most artworks, preferring pictures to ids.

    An artwork counts once: a column of classes 1 to 8 may match the eight pictures 1.jpg to 8.jpg in every line.
    """

    def fits(names: list[str]) -> tuple[int, int]:
        matched = [name for name in names if _place(name, rows) is not None]
        return len({_place(name, rows) for name in matched}), sum(map(has_picture_ending, matched))

    return max(_ways_to_read(decode_text(file)), key=fits)


def _ways_to_read(text: str) -> list[list[str]]:
    """Possible readings of a list: JSON texts, whole lines, lines without a label after a space, each column."""
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if isinstance(content, list):
        records = [item.values() if isinstance(item, Mapping) else [item] for item in content]
        return _columns([[str(value) for value in record] for record in records])
    lines = [line.strip().strip("\"'") for line in text.splitlines() if line.strip()]
    ways = [lines, [line.rpartition(" ")[0].strip() or line for line in lines], [line.split()[0] for line in lines]]
    for separator in _SEPARATORS:
        if lines and separator in lines[0]:
            ways += _columns(list(csv.reader(lines, delimiter=separator)))
    return ways


def _columns(records: Sequence[Sequence[str]]) -> list[list[str]]:
    """Columns of records as lists of names, without those that only number the rows."""
    columns = [[cell.strip() for cell in column] for column in zip_longest(*records, fillvalue="")]
    named = [column for column in columns if column[0].casefold() not in _INDEX]
    return named or [[]]


def _place(name: str, rows: Mapping[str, int]) -> int | None:
    return next((rows[key] for key in _keys(name) if key in rows), None)


def _places(names: Sequence[str]) -> dict[str, int]:
    """Key -> row, for all keys of a single artwork."""
    rows: dict[str, int] = {}
    repeated = set()
    for row, name in enumerate(names):
        for key in set(_keys(name)):
            if rows.setdefault(key, row) != row:
                repeated.add(key)
    return {key: row for key, row in rows.items() if key not in repeated}


def _keys(name: str) -> tuple[str, ...]:
    """Possible names of a picture in a list, longest first."""
    plain = name.strip().replace("\\", "/").removeprefix("./")
    path = Path(plain)
    return plain, path.with_suffix("").as_posix() if path.name else plain, path.name, path.stem


def _shown(names: Sequence[str]) -> str:
    return some([name[:60] for name in names], 3)
