"""Finding files regardless of the spelling of their names."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from emotionart.data.pictures.decode import is_there

NUMBER = re.compile(r"0*(\d+)(?:\.0)?(\.[a-z]\w*)?")
"""A number as the name of a file, with its ending if any."""

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
