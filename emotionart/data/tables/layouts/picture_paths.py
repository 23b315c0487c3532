"""Resolving the names of pictures in a table to files."""

from __future__ import annotations

import logging
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from emotionart.data.pictures.decode import is_there
from emotionart.data.pictures.endings import has_picture_ending
from emotionart.data.tables.layouts.nearest_file import NUMBER, Folders, files_of_names, names_within, unlike_names
from emotionart.data.tables.layouts.roots import find_roots, home_of, pictures_below
from emotionart.data.tables.wording import row_numbers, some
from emotionart.errors import UserError, suggest

log = logging.getLogger(__name__)

_ADDRESS = re.compile(r"(?!file:)[a-z][a-z0-9+.-]+://|www\.", re.IGNORECASE)
_ELSEWHERE = re.compile(r"[A-Za-z]:[\\/]|[\\/]|file://")  # an absolute path
_MARKS = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
"""Invisible signs around names that were copied from dialogs and pages."""

_LONG = 1_000  # characters; longer cells are not file names
_WALKED = 2_000_000  # maximum number of files in the search for pictures by name alone
_SHOWN = 8  # overrides that a message names
_TRIED = 20  # number of missing pictures to search for


class Found(NamedTuple):
    """The pictures of a table.

    Attributes:
        paths: (n,) absolute paths.
        missing: (n,) whether the file does not exist.
        mistakes: errors found.
    """

    paths: NDArray[np.object_]
    missing: NDArray[np.bool_]
    mistakes: list[UserError]


def find_pictures(
    names: Sequence[str], lines: NDArray[np.intp], table: Path, root: Path, extension: str | None
) -> Found:
    """Finds the files named in a table's cells.

    Backslashes, "~", and names that differ from their file only in case, Unicode form or the spelling of the ending are
    understood; a message gives their number. Invisible signs around names are left out.

    Args:
        names: (n,) distinct cells.
        lines: (n,) number of each one's first row.
        table: path of the table, for messages.
        root: folder to which the names are relative.
        extension: ending to append to the names, unless one with an ending is there.
    """
    names = [name.strip(_MARKS) for name in names]
    addresses = [index for index, name in enumerate(names) if _ADDRESS.match(name)]
    folders = Folders()
    if extension and "." not in extension:
        extension = f".{extension}"
    turned = 0
    respelt: list[int] = []
    paths: list[str] = []
    missing = np.zeros(len(names), dtype=bool)
    for index, name in enumerate(names):
        name = unquote(name.removeprefix("file://")) if name.startswith("file://") else name
        path = root / Path(name + (extension or "")).expanduser()
        if extension and has_picture_ending(name) and not is_there(path) and is_there(root / name):
            path = root / name
        if not is_there(path) and "\\" in name:
            path = root / (name.replace("\\", "/") + (extension or ""))
            turned += is_there(path)
        if not is_there(path) and "%" in name:
            path = root / (unquote(name) + (extension or ""))
        if not is_there(path):
            other = folders.nearest(path) if len(name) < _LONG else None
            missing[index] = other is None
            respelt += [index] if other is not None else []
            path = other or path
        paths.append(str(path))
    respelt = _without_others(respelt, names, paths, missing)
    if turned:
        log.info("%s: %d paths have back-slashes, which are read as slashes", table, turned)
    if respelt:
        how = "case or Unicode form, in .jpg for .jpeg, or in zeros before a number"
        log.info("%s: %d names differ from their files in %s, and were found", table, len(respelt), how)
    files = np.array(paths, dtype=object)
    lost = [name + (extension or "") for name, gone in zip(names, missing, strict=True) if gone]
    if lost and (ends := _ends_below(lost, root, folders)):
        log.warning("%s: %d paths are those of another place; their ends were found here, such as %s", table, len(ends),
                    os.path.relpath(ends[0], root))  # fmt: skip
        files[missing], missing = ends, np.zeros(len(names), dtype=bool)
    alone, several = _scattered(names, files, missing, root, extension)
    if alone:
        log.warning("%s: %d names have no folder; each is the name of a single picture in the folders of %s, such as "
                    "%s, and that one is taken", table, len(alone), root,
                    os.path.relpath(next(iter(alone.values())), root))  # fmt: skip
    for index, file in alone.items():
        files[index], missing[index] = file, False
    if not missing.any():
        return Found(files, missing, [])
    if addresses:
        return Found(files, missing, [_addresses(names, addresses, lines, table)])
    if 2 * sum(len(name) >= _LONG for name in names) > len(names):
        files[[len(name) >= _LONG for name in names]] = str(root)
        return Found(files, missing, [_no_names(names, lines, table)])
    return Found(files, missing, [_not_there(names, files, missing, several, lines, table, root, extension)])


def guess_columns(cells: Mapping[str, Sequence[str]], root: Path) -> tuple[str, list[str]] | None:
    """The column of a table that names existing pictures, and further overrides it needs; None if there is none.

    Args:
        cells: some cells of each column.
        root: folder of the table.
    """
    files = list(pictures_below(root))
    for column, values in cells.items():
        named = [value for value in values if value]
        located = find_roots(named, root, root, files)
        if named and located:
            return column, located[0] if len(located) == 1 else []
    return None


def _ends_below(names: Sequence[str], root: Path, folders: Folders) -> list[str] | None:
    """Files below the root for absolute paths from another machine, after removing the same number of leading folders.

    None if they do not all exist, or if different paths become equal, as "joy/1.jpg" and "fear/1.jpg" become "1.jpg".
    """
    for ends in _ends(names):
        files = list(takewhile(bool, (folders.find(root / end) for end in ends)))
        if len(files) == len(names) and len(set(files)) == len(set(names)):
            return [str(file) for file in files]
    return None


def _scattered(
    names: Sequence[str], paths: NDArray[np.object_], missing: NDArray[np.bool_], root: Path, extension: str | None
) -> tuple[dict[int, str], dict[int, list[str]]]:
    """Files in the folders below the root for missing names without folders.

    Returns:
        Index of a name -> the only file of this name that is no other name's; index -> the files, where they are
        several. Where no other picture is there and all are in one folder, `data.root` names it, and none is returned
        as the only one.
    """
    bare = [
        index
        for index in np.flatnonzero(missing).tolist()
        if len(names[index]) < _LONG and not re.search(r"[\\/]", names[index])
    ]
    if not bare:
        return {}, {}
    files = files_of_names([names[index] + (extension or "") for index in bare], pictures_below(root, _WALKED))
    hits = {index: list(map(str, hit)) for index, hit in zip(bare, files, strict=True)}
    several = {index: hit for index, hit in hits.items() if len(hit) > 1}
    alone = {index: hit[0] for index, hit in hits.items() if len(hit) == 1}
    claimed = Counter([*paths[~missing].tolist(), *alone.values()])
    alone = {index: file for index, file in alone.items() if claimed[file] == 1}
    in_one = missing.all() and len({Path(file).parent for file in alone.values()}) == 1
    return {} if in_one else alone, several


def _ends(names: Sequence[str]) -> Iterator[list[str]]:
    """Yields absolute paths from another machine without 1, 2, ... leading folders; nothing if others are among them.

    It stops before different paths become equal.
    """
    if not names or not all(_ELSEWHERE.match(name) for name in names):
        return
    parts = [Path(name.replace("\\", "/")).parts for name in names]
    for above in range(1, min(map(len, parts))):
        ends = ["/".join(one[above:]) for one in parts]
        if len(set(ends)) < len(set(names)):
            return
        yield ends


def _without_others(
    respelt: Sequence[int], names: Sequence[str], paths: Sequence[str], missing: NDArray[np.bool_]
) -> list[int]:
    """The respelt names, without those that another row spells exactly and that differ in a number or an ending.

    These are marked as missing: "7.jpg" and "a.jpg" beside the rows "007.jpg" and "a.jpeg", whose files are there.
    """
    others = set(respelt)
    exact = {path for index, path in enumerate(paths) if index not in others}
    for index in respelt:
        number = NUMBER.fullmatch(Path(names[index]).name.casefold())
        same = Path(names[index]).name.casefold() == Path(paths[index]).name.casefold()
        ending = Path(names[index]).suffix.casefold()
        other = (number is not None and not same) or ending not in ("", Path(paths[index]).suffix.casefold())
        missing[index] = other and paths[index] in exact
    return [index for index in respelt if not missing[index]]


def _addresses(names: Sequence[str], addresses: Sequence[int], lines: NDArray[np.intp], table: Path) -> UserError:
    return UserError(
        f"{len(addresses)} of {len(names)} pictures are addresses on the web, not files.",
        where=f"{table}, {row_numbers(lines[addresses].tolist())}: {names[addresses[0]][:200]}",
        fix="download the pictures first, and name the files in the table",
    )


def _no_names(names: Sequence[str], lines: NDArray[np.intp], table: Path) -> UserError:
    long = [index for index, name in enumerate(names) if len(name) >= _LONG]
    return UserError(
        f"{len(long)} of {len(names)} cells hold no name of a picture: one has {len(names[long[0]]):,} characters.",
        where=f"{table}, {row_numbers(lines[long].tolist())}: {names[long[0]][:40]} ...",
        fix="write the pictures to files, and name those in the table",
    )


def _not_there(
    names: Sequence[str], paths: NDArray[np.object_], missing: NDArray[np.bool_], several: Mapping[int, list[str]],
    lines: NDArray[np.intp], table: Path, root: Path, extension: str | None,
) -> UserError:  # fmt: skip
    """The error for missing pictures, with its likely cause; `several`: the files of names that are ambiguous."""
    indices = np.flatnonzero(missing).tolist()
    lost = [names[index] + (extension or "") for index in indices]
    cause = f" Paths are relative to {root}." if missing.all() else ""
    suggestions: list[str] = []
    fix = "paths relative to the table's folder or data.root=FOLDER   or data.on_missing=skip   to leave the rows out"
    mended = next((text for name in lost[:_TRIED] if (text := _unmangled(name)) != name), None)
    if mended is not None:
        cause += " Letters of some names were read in the wrong encoding."
        suggestions = [mended]
    elif re.match(r"[A-Za-z]:[\\/]", lost[0]):
        cause += " They lie on a drive of another machine."
    home = home_of(table)
    near = [list(pictures_below(folder)) for folder in (root, home)]
    files = near[0] or near[1]
    there = [name for name, hit in zip(lost, files_of_names(list(map(_last, lost)), files), strict=True) if hit]
    kept = [name + (extension or "") for name, gone in zip(names, missing, strict=True)
            if not gone and not _ELSEWHERE.match(name)]  # fmt: skip
    tried = [[*_few(spelt), *_few(kept)] for spelt in (there, *_ends(there)) if there]
    located = next((ways for one in tried for files in near if (ways := find_roots(one, root, home, files))), [])
    if located and len(there) < len(lost):
        nowhere = next(name for name in lost if name not in there)
        cause += f" For {len(lost) - len(there)} names, such as {nowhere[:200]}, no picture was found anywhere."
    if len(located) > 1:
        cause += f" Pictures of these names are there {len(located)} times; the table does not say which are meant."
        suggestions = [" ".join(way) for way in located[:_SHOWN]]
        fix = "one of these overrides, for the pictures that are meant"
    elif located and located[0]:
        fix = " ".join(located[0])
    elif several:
        index, same = next(iter(several.items()))
        cause += f" {len(several)} names are those of several pictures, such as {names[index]}."
        suggestions = [Path(os.path.relpath(file, root)).as_posix() for file in same[:_SHOWN]]
        fix = "the folder before such a name   or data.on_missing=skip   to leave the rows out"
    elif within := next((one for name in lost[:_TRIED] for one in names_within(name) if is_there(root / one)), None):
        cause += f" The cells hold more than the name of one picture; {within} alone is there."
        fix = "the path of one picture in each cell"
    elif not suggestions:
        suggestions = suggest(_last(lost[0]), {file.name for file in files[:2000]})
        cause += unlike_names(list(map(_last, lost[:_TRIED])), files)
    return UserError(
        f"{len(indices)} of {len(names)} pictures are not there.{cause}",
        where=f"{table}, {row_numbers(lines[indices].tolist())}: {some([path[:200] for path in paths[indices]])}",
        suggestions=suggestions,
        fix=fix,
    )


def _last(name: str) -> str:
    return Path(name.replace("\\", "/")).name


def _few(names: Sequence[str]) -> Sequence[str]:
    """At most `_TRIED` of the names, evenly spread."""
    return names[:: 1 + len(names) // _TRIED]


def _unmangled(name: str) -> str:
    """A name with UTF-8 misread as Windows-1252 repaired; others unchanged."""
    try:
        return name.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return name
