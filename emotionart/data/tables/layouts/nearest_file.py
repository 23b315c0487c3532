"""Finding files regardless of the spelling of their names."""

from __future__ import annotations

import contextlib
import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotionart.data.pictures.decode import is_there
from emotionart.data.pictures.endings import has_picture_ending

NUMBER = re.compile(r"0*(\d+)(?:\.0)?(\.[a-z]\w*)?")
"""A number as the name of a file, with its ending if any."""

_CHANGED = re.compile(
    r"\d+(?:[.,]\d+)?E\+\d+|\d{1,2}[.-] ?[A-Z][a-zäé]{2}|[A-Z][a-zäé]{2}[ -]\d{2}|#+|#[A-Z]+[?!]"
    r"|\d{4}-\d\d-\d\d 00:00:00"
)
"""What spreadsheet programs make of names such as 1E05, 1-2 and mar1."""

_SAME_ENDING = {"jpeg": "jpg", "tiff": "tif"}


@dataclass
class Folders:
    """Contents of folders, each read once, for finding files regardless of case, Unicode form and kind of ending."""

    contents: dict[Path, dict[str, list[str]]] = field(default_factory=dict)

    def find(self, path: Path) -> Path | None:
        """The file of this path, or else the nearest."""
        return path if is_there(path) else self.nearest(path)

    def nearest(self, path: Path) -> Path | None:
        """The only file that differs from a path in nothing but what `plain_name` ignores; None if there is none."""
        if path == path.parent:
            return path
        folder = path.parent if is_there(path.parent) else self.nearest(path.parent)
        names = [] if folder is None else self._names(folder).get(plain_name(path.name), [])
        return folder / names[0] if folder is not None and len(names) == 1 else None

    def _names(self, folder: Path) -> dict[str, list[str]]:
        if folder not in self.contents:
            self.contents[folder] = {}
            with contextlib.suppress(OSError):  # an unreadable folder counts as empty
                for item in folder.iterdir():
                    self.contents[folder].setdefault(plain_name(item.name), []).append(item.name)
        return self.contents[folder]


def files_of_names(names: Sequence[str], files: Iterable[Path]) -> list[list[Path]]:
    """The files of each name, with or without ending, in whatever folders.

    Args:
        names: names without folders.
        files: the files.
    """
    by_name: dict[str, list[Path]] = {}
    for file in files:
        for name in {plain_name(file.name), plain_name(file.stem)}:
            by_name.setdefault(name, []).append(file)
    return [by_name.get(plain_name(name), []) for name in names]


def plain_name(name: str) -> str:
    """A name normalised in case, Unicode form and ending (".jpeg" is ".jpg"), without what tables do to numbers.

    These are zeros before a number, which are left out, and an added ".0".
    """
    plain = unicodedata.normalize("NFC", name).casefold()
    stem, dot, ending = plain.rpartition(".")
    plain = f"{stem}.{_SAME_ENDING.get(ending, ending)}" if dot else plain
    number = NUMBER.fullmatch(plain)
    return plain if number is None else number[1] + (number[2] or "")


def same_files(paths: NDArray[np.object_], missing: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(n,) number of the file of each of n paths among the m different files, and (m,) place of each file's first path.

    Args:
        paths: (n,) paths.
        missing: (n,) whether there is no such file; each of these stands alone.
    """
    keys = [str(index) if gone else os.path.normpath(path)
            for index, (path, gone) in enumerate(zip(paths, missing, strict=True))]  # fmt: skip
    _, first, number = np.unique(np.array(keys, dtype=object), return_index=True, return_inverse=True)
    order = np.argsort(first)
    return np.argsort(order)[number], first[order]


def names_within(cell: str) -> list[str]:
    """What look like names of pictures within a cell: in a list, in quotes, in a formula or in HTML, before "?"."""
    names = re.split(r"[\s,;|<>()?\[\]{}\"'“”„«»=]+", cell)
    return [name for name in names if has_picture_ending(name) and name != cell]


def unlike_names(names: Sequence[str], files: Sequence[Path]) -> str:
    """Why names may not be those of files: spreadsheets changed them, or the files have another ending; "" if unknown.

    Args:
        names: names of missing pictures, without folders.
        files: existing pictures.
    """
    stems = {name: Path(name).stem for name in names if has_picture_ending(name)}
    changed = next((name for name in names if _CHANGED.fullmatch(stems.get(name, name))), None)
    if changed is not None:
        return (
            f" {changed} may be what a spreadsheet program made of another name; read the column as text there, from "
            "the original table."
        )
    endings = {file.stem.casefold(): file.suffix for file in files}
    found = [endings[stem.casefold()] for stem in stems.values() if stem.casefold() in endings]
    return f" Pictures of these names are there, but end in {found[0]}." if found else ""
