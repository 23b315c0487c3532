"""Folders to which the names of pictures may be relative."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from emotionart.data.pictures.endings import has_picture_ending
from emotionart.data.tables.layouts.nearest_file import Folders, plain_name
from emotionart.quoting import override


def home_of(table: Path) -> Path:
    """The folder to which the paths in a table are relative: its own, or the folder of parts that is read as a table.

    A link to a table counts as the table itself.
    """
    path = table.resolve()
    return path if path.is_dir() else path.parent


def find_roots(names: Sequence[str], root: Path, home: Path, files: Sequence[Path]) -> list[list[str]]:
    """The ways to make all names existing files, each a list of overrides, which is empty if they exist already.

    Args:
        names: relative paths.
        root: folder that they are currently relative to.
        home: folder of the table, to which `data.root` is relative.
        files: existing files.
    """
    by_name: dict[str, list[Path]] = {}
    by_stem: dict[str, list[Path]] = {}
    for file in files:
        by_name.setdefault(plain_name(file.name), []).append(file)
        by_stem.setdefault(plain_name(file.stem), []).append(file)
    folders = Folders()
    common: set[tuple[Path, str]] | None = None
    for name in names:
        path = Path(name.replace("\\", "/"))
        plain, above = plain_name(path.name), len(path.parts) - 1
        same = by_name.get(plain) or by_stem.get(plain, [])
        hits = {(file.parents[above], "" if plain in by_name else file.suffix) for file in same
                if above < len(file.parents)}  # fmt: skip
        hits = hits if common is None else hits & common
        common = {hit for hit in hits if folders.nearest(hit[0] / f"{path}{hit[1]}") is not None}
    roots = sorted(common or ())
    return [
        [
            *([override("data.root", Path(os.path.relpath(folder, home)).as_posix())] if folder != root else []),
            *([override("data.extension", ending)] if ending else []),
        ]
        for folder, ending in roots
    ]


def pictures_below(folder: Path, most: int = 50_000) -> Iterator[Path]:
    """Yields the pictures in a folder and its subfolders, searching at most `most` files."""
    searched = 0
    for home, inner, files in os.walk(folder):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(files):
            searched += 1
            if searched > most:
                return
            if has_picture_ending(name):
                yield Path(home) / name
