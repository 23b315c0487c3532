"""A split that comes with the data, as a column or folders of parts; `listed` reads lists."""

from __future__ import annotations

import logging
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.names import artists_of, fold_name
from emotionart.data.tables.splits.parts import folders_of_parts, part_of
from emotionart.data.tables.splits.split import split_artworks
from emotionart.data.tables.splits.units import SplitKeys
from emotionart.data.tables.wording import some
from emotionart.errors import UserError
from emotionart.quoting import quote_if_needed

log = logging.getLogger(__name__)

CLASSES = "none"
"""Value of `data.split` that treats folders called train and test as classes."""

ANEW = "anew"
"""Value of `data.split` that makes a new split, whatever split comes with the data."""


@dataclass(frozen=True)
class GivenSplit:
    """A split that comes with the data.

    Attributes:
        part: (n,) "train", "validation" or "test"; "" for artworks in no part, which are left out.
        source: human-readable source of the split.
        named: part -> its name in the data: a value of the column, a folder, a list.
        mapped: whether `data.split` can map parts to these names, as it does to lists.
    """

    part: NDArray[np.object_]
    source: str
    named: Mapping[str, str] = field(default_factory=dict)
    mapped: bool = False

    def take(self, rows: NDArray[np.intp]) -> GivenSplit:
        """The parts of the artworks at these positions."""
        return replace(self, part=self.part[rows])


@dataclass(frozen=True)
class Crossing:
    """Leaks between the parts of a given split.

    Attributes:
        artists: number of artists with works in more than one part.
        copies: number of test pictures that are near-duplicates of pictures in other parts.
    """

    artists: int
    copies: int


def parts_of_column(cells: Sequence[str], source: str) -> GivenSplit:
    """The split given by a column.

    Raises:
        UserError: listing the values that are not parts.
    """
    parts = [part_of(cell) for cell in cells]
    unknown = sorted({cell for cell, part in zip(cells, parts, strict=True) if part is None})
    if unknown:
        counted = Counter(cells)
        named = [f"{cell!r} ({counted[cell]})" for cell in unknown]
        raise UserError(
            f"A split is made of train, validation and test; {source} has other values: {some(named)}.",
            where="data.split",
            fix="write train, validation or test in their place",
        )
    return GivenSplit(np.array(parts, dtype=object), source, _named(cells))


def parts_of_folders(names: Sequence[str], what: str = "folders", outermost: bool = False) -> GivenSplit:
    """The split given by the folders or files that artworks come from; it is logged.

    Args:
        names: (n,) names of the folders or files, each a usual name of a part.
        what: "folders" or "files", for messages.
        outermost: whether these are the outermost folders of a folder of pictures, which `data.split` can name.
    """
    counts = Counter(names)
    log.info("the %s %s are a given split", what, some([f"{name} ({counts[name]})" for name in sorted(counts)]))
    part = np.array([part_of(name) for name in names], dtype=object)
    return GivenSplit(part, f"{what} {some(sorted(counts))}", _named(names), outermost)


def split_override(named: Mapping[str, str]) -> str:
    """The override, to paste into a shell, that makes folders or lists the parts of a split.

    Args:
        named: part -> folder or list.
    """
    parts = [f"{part}: {quote_if_needed(named[part])}" for part in ("train", "test", "validation") if part in named]
    return shlex.quote(f"data.split={{{', '.join(parts)}}}")


def _named(names: Sequence[str]) -> dict[str, str]:
    """Part -> the name that it has among usual ones."""
    return {str(part_of(name)): name for name in dict.fromkeys(names)}


def parts_of_paths(paths: Sequence[str], column: str) -> GivenSplit:
    """The split given by folders in the paths of pictures.

    Args:
        paths: (n,) paths of pictures.
        column: name of their column, for messages.

    Raises:
        UserError: if the paths have no folders of parts.
    """
    names = folders_of_parts(paths)
    if names is None:
        raise UserError(
            f"The paths in column {column!r} name no parts of a split, as train/1.jpg does.",
            where=f"data.split={column}",
            fix=f"data.split={ANEW}   to divide the artworks anew",
        )
    return parts_of_folders(names, f"folders in column {column!r}")


def complete(
    split: GivenSplit,
    keys: SplitKeys,
    seed: int,
    *,
    label: NDArray[np.object_] | None,
    validation: tuple[float, float],
    anew: bool = False,
) -> NDArray[np.object_]:
    """(n,) the given parts; if there is no validation part, it is taken from train as in a split of our own.

    Args:
        split: the split of n artworks.
        keys, seed, label: as for `split_artworks`.
        validation: positions of a missing validation part within train, as for `split_artworks`.
        anew: whether to merge a given validation part into train and take a new one from both.

    Raises:
        UserError: if train or test is missing.
    """
    missing = [name for name in ("train", "test") if not (split.part == name).any()]
    if missing:
        anew_instead = f"data.split={ANEW}   to divide the artworks anew"
        named = [f"labelled artwork in its {name}" if name in split.named else name for name in missing]
        instead = missing == ["test"] and (split.part == "validation").any()
        raise UserError(
            f"The given split has no {' and no '.join(named)} part: {split.source}.",
            where="data.split",
            fix=f"{_tested_on_validation(split)}   or {anew_instead}" if instead else anew_instead,
        )
    part = split.part.copy()
    if anew:
        part[part == "validation"] = "train"
    if not (part == "validation").any():
        train = np.flatnonzero(part == "train")
        part[train] = split_artworks(
            keys.take(train),
            seed,
            label=None if label is None else label[train],
            test=(0.0, 0.0),
            validation=validation,
        )
    return part


def _tested_on_validation(split: GivenSplit) -> str:
    """How to test on the validation part of a split without a test part."""
    why = "to test on the validation part, and take another from train"
    train, validation = split.named.get("train", "train"), split.named.get("validation", "validation")
    if split.mapped:
        return f"{split_override({'train': train, 'test': validation})}   {why}"
    return f"test in place of {validation!r}   {why}"


def describe_given(split: GivenSplit, leaks: Crossing) -> list[str]:
    """Lines that name the source of a given split, and warn of leaks between its parts."""
    lines = [f"the split is the data's own: {split.source}"]
    if leaks.artists:
        lines.append(
            f"warning: {leaks.artists} artists have works in more than one part of the given split; a model may know "
            "their hand. They are left where they are; data.split=anew divides whole artists"
        )
    if leaks.copies:
        lines.append(
            f"warning: {leaks.copies} test pictures look like one that a model learns from. They are left where they "
            "are; take them out of the table, or data.split=anew keeps copies together"
        )
    return lines


def crossing(part: NDArray[np.object_], group: NDArray[np.object_], cluster: NDArray[np.intp]) -> Crossing:
    """Leaks between the parts of a split; they are reported, and nothing is moved.

    Args:
        part: (n,) parts.
        group: (n,) artists, "" for none.
        cluster: (n,) numbers of near-duplicate clusters.
    """
    homes: dict[str, set[str]] = {}
    artists = artists_of(name for name in dict.fromkeys(group) if name)
    for name, where in zip(map(fold_name, group), part, strict=True):
        for one in artists.get(name, ()):
            homes.setdefault(one, set()).add(where)
    test = part == "test"
    return Crossing(
        artists=sum(len(parts) > 1 for parts in homes.values()),
        copies=int((test & np.isin(cluster, cluster[~test])).sum()),
    )
