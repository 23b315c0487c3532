"""Distinguishing class folders from folders of the parts of a split."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from emotionart.data.tables.given_split import ANEW, CLASSES, GivenSplit, part_of, parts_of_folders
from emotionart.data.tables.listed_split import find_lists, named_parts, parts_of_lists
from emotionart.data.tables.wording import some
from emotionart.errors import UserError, suggest
from emotionart.quoting import override, quoted

log = logging.getLogger(__name__)

Place = tuple[str, ...]
"""Path of a picture as a tuple: its folders, outermost first, and its name."""


def find_classes(
    places: Sequence[Place], split: str | Mapping[str, str] | None, root: Path
) -> tuple[list[Place], GivenSplit | None]:
    """(n,) path of each picture relative to its folder of class folders, and the split given by folders or lists.

    Args:
        places: (n,) paths relative to the root.
        split: as for `read_folder`.
        root: folder of the pictures.

    Raises:
        UserError: if the outermost folders are not the classes, or it is ambiguous which folders are.
    """
    if split == CLASSES:
        return list(places), None
    if split is not None and split != ANEW:
        found = _named_folders(places, split, root)
        given = None if found else parts_of_lists(find_lists(split, root), ["/".join(place) for place in places])
    else:
        found, given = _parts_outside(places, root) or _parts_inside(places), None
        if found is None:
            _require_plain(places, root)
    inner, given = found or (list(places), given)
    _require_classes(places, inner, given, root)
    deeper = [place for place in inner if len(place) > 2]
    if deeper:
        log.info("%d pictures lie in a folder within their class's (%s): the outer one is their label",
                 len(deeper), "/".join(deeper[0][:2]))  # fmt: skip
    return inner, given


def _parts_outside(places: Sequence[Place], root: Path) -> tuple[list[Place], GivenSplit] | None:
    """The split given by outer folders, as in train/joy/1.jpg; None if they are classes.

    Raises:
        UserError: if there are other folders beside the parts, or the parts contain no class folders.
    """
    names = sorted({place[0] for place in places if len(place) > 1})
    parts = {name: part_of(name) for name in names}
    if len({part for part in parts.values() if part}) < 2:
        return None
    others = [name for name, part in parts.items() if part is None]
    loose = sum(len(place) == 1 for place in places)
    as_classes = f"data.split={CLASSES}   if each folder is a class"
    named = [name for name in names if parts[name]]
    hold_classes = any(len(place) > 2 for place in places if parts.get(place[0]))
    if others or loose:
        beside = some(others) if others else f"{loose} loose pictures"
        leave_out = _mapping(named) if hold_classes else None
        raise UserError(
            f"Folders of a split ({some(named)}) stand beside {beside}.",
            where=str(root),
            fix=(f"{leave_out}   to leave the rest out   or " if leave_out else "") + as_classes,
        )
    if not hold_classes:
        raise UserError(
            f"The folders {some(named)} are parts of a split, and hold no folders of classes.",
            where=str(root),
            fix=f"a folder for each class in each of them   or {as_classes}",
        )
    return [place[1:] for place in places], parts_of_folders([place[0] for place in places], outermost=True)


def _parts_inside(places: Sequence[Place]) -> tuple[list[Place], GivenSplit] | None:
    """The split given by folders inside the class folders, as in joy/train/1.jpg; None if they are not parts."""
    if any(len(place) != 3 or part_of(place[1]) is None for place in places):
        return None
    if min(len({place[0] for place in places}), len({part_of(place[1]) for place in places})) < 2:
        return None
    return [(place[0], place[2]) for place in places], parts_of_folders([place[1] for place in places])


def _named_folders(
    places: Sequence[Place], split: str | Mapping[str, str], root: Path
) -> tuple[list[Place], GivenSplit] | None:
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
    part = np.full(len(places), "", dtype=object)
    inner: list[Place] = [()] * len(places)
    for row, place in enumerate(places):
        for which, home in above.items():
            if place[: len(home)] == home:
                part[row], inner[row] = which, place[len(home) :]
    return inner, GivenSplit(part, f"folders {some(list(named.values()))}", named, mapped=True)


def _require_plain(places: Sequence[Place], root: Path) -> None:
    """Checks that the class folders are unambiguous: the folders must not all contain folders of the same names.

    Raises:
        UserError: describing both interpretations.
    """
    inside: dict[str, set[str]] = {}
    for place in places:
        if len(place) == 2:
            return  # a class with pictures of its own
        if len(place) > 2:
            inside.setdefault(place[0], set()).add(place[1])
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


def _mapping(folders: Sequence[str]) -> str | None:
    """The override that makes folders the parts of a split, guessed from their names; None if names need quoting."""
    if not 2 <= len(folders) <= 3 or not all(quoted(folder) == folder for folder in folders):
        return None
    likely = {folder: part_of(folder) or _hint(folder) for folder in folders}
    wanted = ["train", "test", "validation"][: len(folders)]
    for folder in folders:
        if likely[folder] not in wanted or list(likely.values()).count(likely[folder]) > 1:
            likely[folder] = None
    free = iter([part for part in wanted if part not in likely.values()])
    named = {part or next(free): folder for folder, part in likely.items()}
    return f"'data.split={{{', '.join(f'{part}: {named[part]}' for part in wanted)}}}'"


def _hint(name: str) -> str | None:
    """The part that occurs in a name; None if there is none."""
    hints = {"train": "train", "val": "validation", "dev": "validation", "test": "test"}
    return next((part for hint, part in hints.items() if hint in name.casefold()), None)


def _require_classes(places: Sequence[Place], inner: Sequence[Place], given: GivenSplit | None, root: Path) -> None:
    """Checks that a single outer folder is not just a wrapper around the class folders, or around another wrapper.

    Raises:
        UserError: naming the folder around the class folders.
    """
    parts = [""] * len(places) if given is None else given.part.tolist()
    homes: dict[str, str] = {}
    for which in sorted(set(parts)):
        members = [row for row, part in enumerate(parts) if part == which and len(inner[row]) > 1]
        wrapper = _wrapper([inner[row] for row in members])
        if not wrapper:
            return
        place = places[members[0]]
        homes[which] = "/".join(place[: len(place) - len(inner[members[0]]) + len(wrapper)])
        classes = sorted({inner[row][len(wrapper)] for row in members if len(inner[row]) > len(wrapper) + 1})
    folder = root / next(iter(homes.values()))
    fix = override("data.path", str(folder)) if given is None else _mapping(list(homes.values()))
    raise UserError(
        f"The only folder here holds {len(classes)} folders of pictures ({some(classes, 3)}), which seem to be the "
        "classes, or parts of a split.",
        where=str(root),
        suggestions=[str(folder)] if given is None else (),
        fix=fix,
    )


def _wrapper(places: Sequence[Place]) -> Place:
    """The folders, each the only one within the one before, around several folders of pictures; () if there are none.

    Args:
        places: paths of pictures in folders.
    """
    around: Place = ()
    while True:
        names = {place[len(around)] for place in places if len(place) > len(around) + 1}
        if len(names) != 1:
            return around if names else ()
        around = (*around, names.pop())
