"""Where the pictures of a table lie: from the names in its cells to files."""

from __future__ import annotations

import logging
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotionart.data.pictures.decode import is_there
from emotionart.data.pictures.endings import PICTURE_ENDINGS
from emotionart.data.tables.wording import row_numbers, some
from emotionart.errors import UserError, suggest

log = logging.getLogger(__name__)

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_SEARCHED = 50_000  # files that are looked through for those that are not where the table says
_TRIED = 20  # missing pictures that are searched for


class Found(NamedTuple):
    """The pictures of a table.

    Attributes:
        paths: (n,) absolute, of the file where there is one.
        missing: (n,) whether none is there.
        mistakes: what is wrong.
    """

    paths: NDArray[np.object_]
    missing: NDArray[np.bool_]
    mistakes: list[UserError]


@dataclass
class _Folders:
    """What lies in folders, each read once: names as files are found whatever their case and Unicode form."""

    known: dict[Path, dict[str, list[str]]] = field(default_factory=dict)

    def nearest(self, path: Path) -> Path | None:
        """The one file that differs from a path in case or in Unicode form alone."""
        if path == path.parent:
            return path
        folder = path.parent if path.parent.is_dir() else self.nearest(path.parent)
        names = [] if folder is None else self._names(folder).get(_plain(path.name), [])
        return folder / names[0] if folder is not None and len(names) == 1 else None

    def _names(self, folder: Path) -> dict[str, list[str]]:
        if folder not in self.known:
            self.known[folder] = {}
            try:
                for item in folder.iterdir():
                    self.known[folder].setdefault(_plain(item.name), []).append(item.name)
            except OSError:
                pass  # a folder that cannot be read holds nothing for us
        return self.known[folder]


def find_pictures(
    names: Sequence[str], lines: NDArray[np.intp], table: Path, root: Path, extension: str | None
) -> Found:
    """The files that the names in a table's cells stand for.

    Back-slashes, "~", and names that differ from their file in case or Unicode form alone are understood, and one line
    says how many there are.

    Args:
        names: (n,) cells.
        lines: (n,) number of the first row of each.
        table: path of the table, for messages.
        root: folder to which the names are relative.
        extension: ending that the names lack.
    """
    addresses = [place for place, name in enumerate(names) if _ADDRESS.match(name)]
    folders = _Folders()
    turned = respelt = 0
    paths: list[str] = []
    missing = np.zeros(len(names), dtype=bool)
    for place, name in enumerate(names):
        path = root / Path(name + (extension or "")).expanduser()
        if not is_there(path) and "\\" in name:
            path = root / (name.replace("\\", "/") + (extension or ""))
            turned += is_there(path)
        if not is_there(path):
            other = folders.nearest(path) if len(name) < 1000 else None
            missing[place] = other is None
            respelt += other is not None
            path = other or path
        paths.append(str(path))
    if turned:
        log.info("%s: %d paths have back-slashes, which are read as slashes", table, turned)
    if respelt:
        log.info("%s: %d names differ from their files in case or Unicode form, and were found", table, respelt)
    found = np.array(paths, dtype=object)
    if not missing.any():
        return Found(found, missing, [])
    if addresses:
        return Found(found, missing, [_addresses(names, addresses, lines, table)])
    return Found(found, missing, [_not_there(names, found, missing, lines, table, root, extension)])


def guess_columns(cells: Mapping[str, Sequence[str]], root: Path) -> str | None:
    """The overrides with which some column of a table names pictures that are there; None where none does.

    Args:
        cells: the first few cells of each column.
        root: folder of the table.
    """
    files = list(_files_below(root))
    for column, values in cells.items():
        named = [value for value in values if value]
        located = _locate(named, root, files)
        if named and located is not None:
            return " ".join([f"data.image={column}", *located])
    return None


def _addresses(names: Sequence[str], addresses: Sequence[int], lines: NDArray[np.intp], table: Path) -> UserError:
    return UserError(
        f"{len(addresses)} of {len(names)} pictures are addresses on the web, not files.",
        where=f"{table}, {row_numbers(lines[addresses].tolist())}: {names[addresses[0]][:200]}",
        fix="download the pictures first, and name the files in the table",
    )


def _not_there(
    names: Sequence[str], paths: NDArray[np.object_], missing: NDArray[np.bool_], lines: NDArray[np.intp], table: Path,
    root: Path, extension: str | None,
) -> UserError:  # fmt: skip
    """The mistake of pictures that are not there, with its cause where that can be told."""
    places = np.flatnonzero(missing).tolist()
    lost = [names[place] + (extension or "") for place in places]
    cause = f" Paths are relative to {root}." if missing.all() else ""
    suggestions: list[str] = []
    fix = "paths relative to the table's folder or data.root=FOLDER   or data.on_missing=skip   to leave the rows out"
    mended = next((text for name in lost[:_TRIED] if (text := _unmangled(name)) != name), None)
    if mended is not None:
        cause += " Letters of some names were read in the wrong encoding."
        suggestions = [mended]
    elif re.match(r"[A-Za-z]:[\\/]", lost[0]):
        cause += " They lie on a drive of another machine."
    files = list(_files_below(root)) or list(_files_below(table.resolve().parent))
    located = _locate(lost[:_TRIED], root, files)
    if located:
        fix = " ".join(located)
    elif not suggestions:
        suggestions = suggest(Path(lost[0].replace("\\", "/")).name, {file.name for file in files[:2000]})
    return UserError(
        f"{len(places)} of {len(names)} pictures are not there.{cause}",
        where=f"{table}, {row_numbers(lines[places].tolist())}: {some([path[:200] for path in paths[places]])}",
        suggestions=suggestions,
        fix=fix,
    )


def _locate(names: Sequence[str], root: Path, files: Sequence[Path]) -> list[str] | None:
    """The overrides with which all of some names are files: none where they are as they stand, None where none do."""
    by_name = {_plain(file.name): file for file in files}
    by_stem = {_plain(file.stem): file for file in files}
    hits: set[tuple[str, str]] = set()
    for name in names:
        plain = _plain(Path(name.replace("\\", "/")).name)
        file = by_name.get(plain) or by_stem.get(plain)
        if file is None:
            return None
        ending = "" if plain in by_name else file.suffix
        above = len(Path(name.replace("\\", "/")).parts) - 1
        folder = file.parents[above] if above < len(file.parents) else file.parent
        hits.add((Path(os.path.relpath(folder, root)).as_posix(), ending))
    if len(hits) != 1:
        return None
    folder_name, ending = hits.pop()
    return [
        *([f"data.root={folder_name}"] if folder_name != "." else []),
        *([f"data.extension={ending}"] if ending else []),
    ]


def _files_below(folder: Path) -> Iterator[Path]:
    """The pictures in a folder and those in it, as far as a quick look goes."""
    seen = 0
    for home, inner, files in os.walk(folder):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(files):
            seen += 1
            if seen > _SEARCHED:
                return
            if Path(name).suffix.casefold() in PICTURE_ENDINGS:
                yield Path(home) / name


def _plain(name: str) -> str:
    """A name without its case and Unicode form."""
    return unicodedata.normalize("NFC", name).casefold()


def _unmangled(name: str) -> str:
    """A name whose UTF-8 was read as Windows-1252, put right; others as they are."""
    try:
        return name.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return name
