"""Files and folders beside pictures that look like artworks and are none: masks, thumbnails, copies."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from PIL import Image

from emotionart.data.tables.wording import some

log = logging.getLogger(__name__)

_RAW = (
    *(".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf", ".rw2", ".raf", ".pef", ".srw", ".jxl", ".svg", ".xcf", ".exr"),
    *(".ai", ".pdf", ".eps", ".djvu", ".dcm", ".mp4", ".mov"),
)
"""Endings of what may be an artwork, but is not read."""

_SIDE = re.compile(
    r"(?:.*[\W_])?(?:masks?|thumb(?:s|nails?)?|segmentations?|segmentationclass|saliency|heat ?maps?|previews?"
    r"|annotated|ground ?truth|gt|vorschau|vignettes?)",
    re.IGNORECASE,
)
"""Names of folders, and ends of names of files, that belong to pictures and are none of their own."""

_TRIED = 20  # endings of which a file is looked at

_COPY = re.compile(r"(.+?)[ _-]+(?:(?:copy|copie|kopie|copia)(?: ?\(?\d+\)?)?|\(\d+\)|old|backup)")

_BETWEEN = re.compile(r"\s*(?:[&+,;_]|\band\b)\s*")  # labels in the name of a folder

_SMALL = re.compile(r"(.+?)[-_@](?:\d{2,4}x\d{2,4}|[234]x|small|scaled)", re.IGNORECASE)
"""Names of smaller versions, as web sites keep them: "sunset-150x150" beside "sunset"."""


def warn_of_side_files(paths: Sequence[Sequence[str]], root: Path) -> None:
    """Warns of pictures in folders called like masks or thumbnails, or whose names say so beside the original's name.

    Args:
        paths: path of each picture below the root, as a tuple of folders and a name.
        root: folder of the pictures.
    """
    names = {(*path[:-1], _stem(path[-1])) for path in paths}
    side = [path for path in paths if _is_side(path, names)]
    if side and len(side) < len(paths):
        examples = some(["/".join(path) for path in side], 3)
        log.warning("%s: %d of %d pictures seem to be masks or small versions of others, and count as artworks: %s; "
                    "move them elsewhere if they are", root, len(side), len(paths), examples)  # fmt: skip


def warn_of_copied_folders(classes: Iterable[str]) -> None:
    """Warns of class folders called like copies of others, such as "joy - Copy" and "joy (1)".

    Args:
        classes: folded names of the classes.
    """
    names = set(classes)
    copies = sorted(name for name in names if (match := _COPY.fullmatch(name)) and match[1] in names)
    if copies:
        log.warning("%s: folders called like copies of others are classes of their own; if they are not: move their "
                    "pictures", some([repr(name) for name in copies]))  # fmt: skip


def warn_of_joint_folders(classes: Iterable[str]) -> None:
    """Warns of class folders that name several others, such as "joy_love" beside "joy" and "love".

    Args:
        classes: folded names of the classes.
    """
    names = set(classes)
    divided = {name: [part for part in _BETWEEN.split(name) if part] for name in names}
    joint = sorted(name for name, parts in divided.items() if len(parts) > 1 and names.issuperset(parts))
    if joint:
        log.warning("%s: folders that name several others are classes of their own; a table may give a picture several "
                    "labels", some([repr(name) for name in joint]))  # fmt: skip


def _is_side(path: Sequence[str], names: set[tuple[str, ...]]) -> bool:
    if any(_SIDE.fullmatch(folder) for folder in path[:-1]):
        return True
    stem, home = _stem(path[-1]), tuple(path[:-1])
    small = _SMALL.fullmatch(stem)
    if small is not None:
        return (*home, small[1]) in names
    original = re.match(r"(.+)[\W_][^\W_]+", stem)
    return original is not None and bool(_SIDE.fullmatch(stem)) and (*home, original[1]) in names


def _stem(name: str) -> str:
    return os.path.splitext(name)[0]  # noqa: PTH122 - many times as fast as a path's


def picture_kind(file: Path) -> str | None:
    """The format of a picture file, whatever its name; None for other files, of which only the beginning is read."""
    try:
        with Image.open(file) as image:
            return image.format
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def warn_of_unread(others: Sequence[Path], root: Path) -> None:
    """Warns of files that may be artworks: in formats that are not read, or pictures without the ending of one.

    Args:
        others: files of a folder that are not pictures by their endings.
        root: the folder.
    """
    unread = [file for file in others if file.suffix.casefold() in _RAW]
    by_ending: dict[str, list[Path]] = {}
    for file in others:
        if file.suffix.casefold() not in _RAW:
            by_ending.setdefault(file.suffix, []).append(file)
    unnamed = [file for files in islice(by_ending.values(), _TRIED) if picture_kind(files[0]) for file in files]
    if unnamed:
        log.warning("%s: %d files seem to be pictures without the ending of one, and are left out; end their names in "
                    ".jpg or the like: %s", root, len(unnamed), some([file.name for file in unnamed], 3))  # fmt: skip
    if unread:
        endings = ", ".join(sorted({file.suffix for file in unread}))
        named = some([file.name for file in unread], 3)
        log.warning("%s: %d files (%s) are of kinds that are not read, and are left out; convert them to JPEG or PNG: "
                    "%s", root, len(unread), endings, named)  # fmt: skip
