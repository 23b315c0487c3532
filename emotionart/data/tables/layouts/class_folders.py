"""Distinguishing class folders from folders of the parts of a split."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from emotionart.data.tables.splits.given import ANEW, CLASSES, GivenSplit, parts_of_folders, split_override
from emotionart.data.tables.splits.listed import find_lists, named_parts, parts_of_lists
from emotionart.data.tables.splits.parts import part_of
from emotionart.data.tables.wording import some
from emotionart.errors import UserError, suggest
from emotionart.quoting import override

log = logging.getLogger(__name__)

RelativePath = tuple[str, ...]
"""Path of a picture as a tuple: its folders, outermost first, and its name."""


def find_classes(
    paths: Sequence[RelativePath], split: str | Mapping[str, str] | None, root: Path
) -> tuple[list[RelativePath], GivenSplit | None]:
    """(n,) path of each picture relative to its folder of class folders, and the split given by folders or lists.

    Args:
        paths: (n,) paths relative to the root.
        split: as for `read_folder`.
        root: folder of the pictures.

    Raises:
        UserError: if the outermost folders are not the classes, or it is ambiguous which folders are.
    """
    if split == CLASSES:
        return list(paths), None
    if split is not None and split != ANEW:
        parts = _named_folders(paths, split, root)
        given_split = None if parts else parts_of_lists(find_lists(split, root), ["/".join(path) for path in paths])
    else:
        parts, given_split = _parts_outside(paths, root) or _parts_inside(paths), None
        if parts is None:
            _require_plain(paths, root)
            _require_whole_classes({path[0] for path in paths if len(path) > 1}, root)
    inner, given_split = parts or (list(paths), given_split)
    _require_classes(paths, inner, given_split, root)
    deeper = [path for path in inner if len(path) > 2]
    if deeper:
        log.info("%d pictures lie in a folder within their class's (%s): the outer one is their label",
                 len(deeper), "/".join(deeper[0][:2]))  # fmt: skip
    return inner, given_split


def _parts_outside(paths: Sequence[RelativePath], root: Path) -> tuple[list[RelativePath], GivenSplit] | None:
    """The split given by outer folders, as in train/joy/1.jpg; None if they are classes.

    Raises:
        UserError: if there are other folders beside the parts, or the parts contain no class folders.
    """
    names = sorted({path[0] for path in paths if len(path) > 1})
    parts = {name: part_of(name) for name in names}
    if len({part for part in parts.values() if part}) < 2:
        return None
    others = [name for name, part in parts.items() if part is None]
    loose = sum(len(path) == 1 for path in paths)
    as_classes = f"data.split={CLASSES}   if each folder is a class"
    named = [name for name in names if parts[name]]
    hold_classes = any(len(path) > 2 for path in paths if parts.get(path[0]))
    if others or loose:
        beside = some(others) if others else f"{loose} loose pictures"
        once = len({parts[name] for name in named}) == len(named)
        leave_out = split_override({str(parts[name]): name for name in named}) if hold_classes and once else None
        raise UserError(
            f"Folders of a split ({some(named)}) stand beside {beside}.",
            where=str(root),
            fix=(f"{leave_out}   to leave the rest out" if leave_out else "move the rest elsewhere")
            + f"   or {as_classes}",
        )
    if not hold_classes:
        raise UserError(
            f"The folders {some(named)} are parts of a split, and hold no folders of classes.",
            where=str(root),
            fix=f"a folder for each class in each of them   or {as_classes}",
        )
    return [path[1:] for path in paths], parts_of_folders([path[0] for path in paths], outermost=True)


def _parts_inside(paths: Sequence[RelativePath]) -> tuple[list[RelativePath], GivenSplit] | None:
    """The split given by folders inside the class folders, as in joy/train/1.jpg; None if they are not parts."""
    if any(len(path) != 3 or part_of(path[1]) is None for path in paths):
        return None
    if min(len({path[0] for path in paths}), len({part_of(path[1]) for path in paths})) < 2:
        return None
    return [(path[0], path[2]) for path in paths], parts_of_folders([path[1] for path in paths])


def _named_folders(
    paths: Sequence[RelativePath], split: str | Mapping[str, str], root: Path
) -> tuple[list[RelativePath], GivenSplit] | None:
    """The split given as one folder of class folders per part; None if it is given as lists.

    Raises:
        UserError: if some of the folders are there and others are not.
    """
    if not isinstance(split, Mapping):
        return None
    named = named_parts(split, root)
    folders = {part: (root / folder).resolve() for part, folder in named.items()}
    missing = [part for part, folder in folders.items() if not folder.exists()]
    if missing and any(folder.is_dir() for folder in folders.values()):
        name = named[missing[0]]
        near = suggest(name, [item.name for item in root.iterdir() if item.is_dir()])
        raise UserError("There is no such folder of a part.", where=f"data.split: {root / name}", suggestions=near)
    if not all(folder.is_dir() and folder.is_relative_to(root) for folder in folders.values()):
        return None
    above = {part: folder.relative_to(root).parts for part, folder in folders.items()}
    part = np.full(len(paths), "", dtype=object)
    inner: list[RelativePath] = [()] * len(paths)
    for row, path in enumerate(paths):
        for which, home in above.items():
            if path[: len(home)] == home:
                part[row], inner[row] = which, path[len(home) :]
    return inner, GivenSplit(part, f"folders {some(list(named.values()))}", named, mapped=True)


def _require_plain(paths: Sequence[RelativePath], root: Path) -> None:
    """Checks that the class folders are unambiguous: the folders must not all contain folders of the same names.

    Raises:
        UserError: describing both interpretations.
    """
    inside: dict[str, set[str]] = {}
    for path in paths:
        if len(path) == 2:
            return  # a class with pictures of its own
        if len(path) > 2:
            inside.setdefault(path[0], set()).add(path[1])
    shared = set.intersection(*inside.values()) if inside else set()
    if len(inside) < 2 or len(shared) < 2:
        return
    outer = sorted(inside)
    mapping = _mapping(outer)
    ways = [
        f"data.split={CLASSES}   if {some(outer, 3)} are",
        *([f"{mapping}   if they are parts of a split"] if mapping else []),
        f"{override('data.path', str(root / outer[0]))}   if one of them is enough",
    ]
    raise UserError(
        f"The folders {some(outer, 4)} all hold folders called {some(sorted(shared), 4)}: either could be the classes.",
        where=str(root),
        fix="   or ".join(ways),
    )


def _require_whole_classes(folders: Iterable[str], root: Path) -> None:
    """Checks that the class folders are not those of the parts of each class, as joy_train and joy_test are.

    Raises:
        UserError: if two classes or more have several parts.
    """
    parts: dict[str, dict[str, str]] = {}  # class -> part -> folder
    for folder in sorted(folders):
        words = re.findall(r"[^\W_]+", folder.casefold())
        for word, others in ((words[-1:], words[:-1]), (words[:1], words[1:])):
            part = part_of("".join(word))
            if part and others:
                parts.setdefault(" ".join(others), {})[part] = folder
                break
    divided = [folder for named in parts.values() if len(named) > 1 for folder in named.values()]
    if sum(len(named) > 1 for named in parts.values()) < 2:
        return
    raise UserError(
        f"The folders {some(divided, 4)} seem to be parts of classes, and would be classes of their own.",
        where=str(root),
        fix=f"folders of classes within a folder for each part   or data.split={CLASSES}   if each folder is a class",
    )


def _mapping(folders: Sequence[str]) -> str | None:
    """The override that makes folders the parts of a split, guessed from their names; None unless they are 2 or 3."""
    if not 2 <= len(folders) <= 3:
        return None
    likely = {folder: part_of(folder) or _hint(folder) for folder in folders}
    parts = ["train", "test", "validation"][: len(folders)]
    for folder in folders:
        if likely[folder] not in parts or list(likely.values()).count(likely[folder]) > 1:
            likely[folder] = None
    free = iter([part for part in parts if part not in likely.values()])
    return split_override({part or next(free): folder for folder, part in likely.items()})


def _hint(name: str) -> str | None:
    """The part that occurs in a name; None if there is none."""
    hints = {"train": "train", "val": "validation", "dev": "validation", "test": "test"}
    return next((part for hint, part in hints.items() if hint in name.casefold()), None)


def _require_classes(
    paths: Sequence[RelativePath], inner: Sequence[RelativePath], split: GivenSplit | None, root: Path
) -> None:
    """Checks that no single folder is just a wrapper around the class folders, here or in a part's folder.

    Raises:
        UserError: naming the folders around the class folders.
    """
    homes: dict[RelativePath, list[RelativePath]] = {}  # folder that should hold class folders -> paths in it
    parts: dict[RelativePath, str] = {}
    for row, (path, inside) in enumerate(zip(paths, inner, strict=True)):
        if len(inside) > 1:
            home = path[: len(path) - len(inside)]
            homes.setdefault(home, []).append(inside)
            parts[home] = str(split.part[row]) if split else ""
    around = {home: _wrapper(inside) for home, inside in homes.items()}
    classes = {path[0] for home, inside in homes.items() if not around[home] for path in inside}
    # Where another part has a class of the wrapper's name, it is the only class of this part.
    wrapped = [home for home, wrapper in around.items() if wrapper and wrapper[0] not in classes]
    if not wrapped:
        return
    folders = {home: "/".join((*home, *around[home]) if home in wrapped else home) for home in homes}
    depths = {home: len(around[home]) for home in wrapped}
    named = sorted({path[depths[home]] for home in wrapped for path in homes[home] if len(path) > depths[home] + 1})
    held = f"holds {len(named)} folders of pictures ({some(named, 3)}), which seem to be the classes"
    if wrapped != [()]:
        once = len(set(parts.values())) == len(parts)
        mapping = split_override({**(split.named if split else {}), **{parts[home]: folders[home] for home in homes}})
        raise UserError(
            f"The only folder in {' and in '.join('/'.join(home) for home in wrapped)} {held}.",
            where=str(root),
            fix=mapping if once else f"move the folders of classes out of {some([folders[home] for home in wrapped])}",
        )
    folder = str(root / folders[()])
    lists = f" {split_override(split.named)}" if split and split.mapped else ""
    raise UserError(
        f"The only folder here {held}, or parts of a split.",
        where=str(root),
        suggestions=[folder],
        fix=override("data.path", folder) + lists,
    )


def _wrapper(paths: Sequence[RelativePath]) -> RelativePath:
    """The folders, each the only one within the one before, around several folders of pictures; () if there are none.

    Args:
        paths: paths of pictures in folders.
    """
    around: RelativePath = ()
    while True:
        names = {path[len(around)] for path in paths if len(path) > len(around) + 1}
        if len(names) != 1:
            return around if names else ()
        around = (*around, names.pop())
