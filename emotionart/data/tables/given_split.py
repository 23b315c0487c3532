"""A split that the data bring: a column, folders of parts, or lists of names."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.split import split_artworks
from emotionart.data.tables.wording import some
from emotionart.errors import UserError, suggest

log = logging.getLogger(__name__)

_SPELLINGS = {
    "train": ("train", "training", "train_set", "trainset"),
    "validation": ("val", "valid", "validation", "dev", "development", "val_set"),
    "test": ("test", "testing", "test_set", "testset"),
}
_PARTS = {spelling: part for part, spellings in _SPELLINGS.items() for spelling in spellings}

CLASSES = "none"
"""The value of `data.split` with which folders called train and test are classes."""

ANEW = "anew"
"""The value of `data.split` that divides artworks anew, whatever split the data bring."""

SPLIT_COLUMNS = ("split", "part", "set", "subset", "partition")
"""What columns of parts are usually called."""


@dataclass(frozen=True)
class GivenSplit:
    """The parts that the data themselves name.

    Attributes:
        part: (n,) "train", "validation" or "test"; "" where an artwork is in none, and is left out.
        source: what names them, for a person.
    """

    part: NDArray[np.object_]
    source: str

    def take(self, rows: NDArray[np.intp]) -> GivenSplit:
        """The parts of the artworks at these positions."""
        return replace(self, part=self.part[rows])


@dataclass(frozen=True)
class Crossing:
    """What stands on both sides of a given split.

    Attributes:
        artists: that have works in more than one part.
        copies: pictures in the test part that look like one in another.
    """

    artists: int
    copies: int


def part_of(name: str) -> str | None:
    """The part that a usual spelling stands for, in any case; None where it stands for none."""
    return _PARTS.get(name.strip().casefold().replace(" ", "_").replace("-", "_"))


def parts_of_column(cells: Sequence[str], source: str) -> GivenSplit:
    """The parts that a column names.

    Raises:
        UserError: listing the values that are no part.
    """
    parts = [part_of(cell) for cell in cells]
    unknown = sorted({cell for cell, part in zip(cells, parts, strict=True) if part is None})
    if unknown:
        counted = Counter(cells)
        named = [f"{cell!r} ({counted[cell]})" for cell in unknown]
        raise UserError(
            f"A split is made of train, validation and test; {source} has other values: {some(named)}.",
            where="data.split",
        )
    return GivenSplit(np.array(parts, dtype=object), source)


def parts_of_folders(names: Sequence[str]) -> GivenSplit:
    """The parts of artworks by the folders that they lie in, which is told.

    Args:
        names: (n,) of the folders, each a usual spelling of a part.
    """
    counts = Counter(names)
    log.info("the folders %s are a given split", some([f"{name} ({counts[name]})" for name in sorted(counts)]))
    return GivenSplit(np.array([part_of(name) for name in names], dtype=object), f"folders {some(sorted(counts))}")


def find_lists(split: str | Mapping[str, str], folder: Path) -> dict[str, Path]:
    """The files that list each part's artworks: those named, or those of a folder.

    Args:
        split: part -> file, or a folder of files such as `train.txt`.
        folder: to which they are relative; else to where the command runs.

    Raises:
        UserError: for a list that is not there, a key that is no part, or a folder without lists.
    """
    if isinstance(split, str):
        home = resolve(split, folder)
        files = {} if home is None or not home.is_dir() else {file.stem: str(file) for file in sorted(home.iterdir())}
        named = {name: file for name, file in files.items() if part_of(name)}
        if not named:
            raise UserError("There is no column, and no folder with lists such as train.txt, of this name.",
                            where=f"data.split={split}")  # fmt: skip
    else:
        named = dict(split)
    lists: dict[str, Path] = {}
    for name, file in named.items():
        part, path = part_of(name), resolve(str(file), folder)
        if part is None:
            raise UserError(
                f"{name!r} is not a part of a split.",
                where="data.split",
                suggestions=suggest(name, _SPELLINGS) or list(_SPELLINGS),
            )
        if path is None or not path.is_file():
            raise UserError("There is no such list.", where=f"data.split: {file}")
        lists[part] = path
    return lists


def parts_of_lists(lists: Mapping[str, Path], names: Sequence[str]) -> GivenSplit:
    """The parts of artworks by lists of their names: a name on each line, with or without folder and ending.

    Args:
        lists: part -> file.
        names: (n,) what each artwork's picture is called in the data.

    Raises:
        UserError: where a list names none of the artworks, or two lists name the same.
    """
    rows = _places(names)
    part = np.full(len(names), "", dtype=object)
    for which, file in lists.items():
        listed = [_first_field(line) for line in file.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
        found = [
            rows[key] for name in listed if (key := next((key for key in _keys(name) if key in rows), None)) is not None
        ]
        if not found:
            raise UserError(f"This list names none of the artworks: {some(listed, 3)}.", where=str(file))
        twice = [names[row] for row in found if part[row] not in ("", which)]
        if twice:
            raise UserError(f"{len(twice)} artworks are in two lists: {some(twice, 3)}.", where=str(file))
        if len(found) < len(listed):
            log.warning("%s: %d of %d names are not those of artworks", file, len(listed) - len(found), len(listed))
        part[found] = which
    return GivenSplit(part, f"lists {some([file.name for file in lists.values()])}")


def complete(
    given: NDArray[np.object_],
    id: NDArray[np.object_],
    group: NDArray[np.object_],
    cluster: NDArray[np.intp],
    seed: int,
    *,
    label: NDArray[np.object_] | None,
    validation: tuple[float, float],
    anew: bool = False,
) -> NDArray[np.object_]:
    """The given parts, (n,); a validation part that is missing is taken from train, as from an artwork table's rest.

    Args:
        given: (n,) parts.
        id, group, cluster, seed, label: as `split_artworks` takes them.
        validation: positions in train of a validation part that is missing, as `split_artworks` takes them.
        anew: whether one that is given counts as train, and validation is taken from both.

    Raises:
        UserError: where train or test is missing.
    """
    missing = [name for name in ("train", "test") if not (given == name).any()]
    if missing:
        raise UserError(
            f"The given split has no {' and no '.join(missing)} part.",
            where="data.split",
            fix=f"data.split={ANEW}   to divide the artworks anew",
        )
    part = given.copy()
    if anew:
        part[part == "validation"] = "train"
    if not (part == "validation").any():
        train = np.flatnonzero(part == "train")
        part[train] = split_artworks(
            id[train],
            group[train],
            cluster[train],
            seed,
            label=None if label is None else label[train],
            test=(0.0, 0.0),
            validation=validation,
        )
    return part


def describe_given(split: GivenSplit, found: Crossing) -> list[str]:
    """Lines that say whose split it is, and warnings of what stands on both sides of it."""
    lines = [f"the split is the data's own: {split.source}"]
    if found.artists:
        lines.append(
            f"warning: {found.artists} artists have works in more than one part of the given split; a model may know "
            "their hand. They are left where they are; data.split=anew divides whole artists"
        )
    if found.copies:
        lines.append(
            f"warning: {found.copies} test pictures look like one that a model learns from. They are left where they "
            "are; take them out of the table, or data.split=anew keeps copies together"
        )
    return lines


def crossing(part: NDArray[np.object_], group: NDArray[np.object_], cluster: NDArray[np.intp]) -> Crossing:
    """What stands on both sides of a split, which is reported and never moved.

    Args:
        part: (n,) parts.
        group: (n,) artists, "" for none.
        cluster: (n,) numbers of near-duplicate clusters.
    """
    homes: dict[str, set[str]] = {}
    for artist, where in zip(group, part, strict=True):
        if artist:
            homes.setdefault(artist, set()).add(where)
    test = part == "test"
    return Crossing(
        artists=sum(len(parts) > 1 for parts in homes.values()),
        copies=int((test & np.isin(cluster, cluster[~test])).sum()),
    )


def resolve(path: str, folder: Path) -> Path | None:
    """A path relative to a folder, or else to where the command runs; None where neither is there."""
    candidates = (folder / Path(path).expanduser(), Path(path).expanduser())
    return next((candidate for candidate in candidates if candidate.exists()), None)


def _places(names: Sequence[str]) -> dict[str, int]:
    """The row of every key that only one artwork has."""
    rows: dict[str, int] = {}
    repeated = set()
    for row, name in enumerate(names):
        for key in set(_keys(name)):
            if rows.setdefault(key, row) != row:
                repeated.add(key)
    return {key: row for key, row in rows.items() if key not in repeated}


def _keys(name: str) -> tuple[str, ...]:
    """What a picture may be called in a list, the longest first."""
    plain = name.strip().replace("\\", "/").removeprefix("./")
    path = Path(plain)
    return plain, path.with_suffix("").as_posix() if path.name else plain, path.name, path.stem


def _first_field(line: str) -> str:
    """A line of a list, without the label that many lists have after the name."""
    name = line.strip()
    for separator in ("\t", ",", ";"):
        name = name.partition(separator)[0]
    head, _, tail = name.rpartition(" ")
    return head.strip().strip("\"'") if head and tail.isdigit() else name.strip().strip("\"'")
