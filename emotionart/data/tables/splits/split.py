"""Train, validation and test splits by artwork or artist.

In order of priority: groups are never divided; the parts have the requested sizes and are balanced in their labels;
few artworks change their part when others are added. With labels, units are sorted by a hash within each label and cut
at the cumulative shares of their works. Without, they are cut at their hash: none ever moves, but balance is random.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.splits.units import SplitKeys, unit_hash
from emotionart.data.tables.wording import some
from emotionart.errors import UserError

log = logging.getLogger(__name__)

_TOLERATED = 0.03  # deviation of a part's fraction up to which there is no warning
_SKEWED = (10, 10)  # points, and artworks, by which a class may miss its share of a part before a warning
_FEW = 8  # labels with fewer units are pooled into one stratum, as their parts would be rounded too coarsely


def split_artworks(
    keys: SplitKeys,
    seed: int,
    *,
    label: NDArray[np.object_] | None = None,
    test: tuple[float, float] = (0.0, 0.25),
    validation: tuple[float, float] = (0.0, 0.2),
) -> NDArray[np.object_]:
    """(n,) part of each artwork: "train", "validation" or "test".

    A unit (see `SplitKeys`) has a position between 0 and 1: a hash of the seed and of whichever of its names has the
    smallest hash, so that an added artwork seldom changes it; with labels, its rank among the units with the same most
    frequent label. Hashes are BLAKE2b.

    Args:
        keys: what keeps the n artworks together.
        seed: seed of the split.
        label: (n,) raw labels, "" for none, by which to stratify; None does not stratify.
        test: half-open interval of the positions of the test split.
        validation: half-open interval of the positions of validation within the rest; with labels, the rest begins
            after the test interval.
    """
    unit, name = keys.named_units(seed)
    hashes = np.array([unit_hash(seed, "test", one) for one in name])
    if label is None:
        position = hashes
        place = np.array([unit_hash(seed, "validation", one) for one in name])
    else:
        position = _even(hashes, unit, label)
        place = (position - test[1]) % 1 / (1 - (test[1] - test[0]))
    tested = (position >= test[0]) & (position < test[1])
    validated = (place >= validation[0]) & (place < validation[1])
    part = np.where(tested, "test", np.where(validated, "validation", "train")).astype(object)
    return np.asarray(part[unit])


def limit_training(
    part: NDArray[np.object_],
    keys: SplitKeys,
    count: int,
    seed: int,
    *,
    label: NDArray[np.object_] | None = None,
) -> NDArray[np.object_]:
    """A smaller training set of `count` artworks, with validation in proportion and the whole test split.

    Whole units are drawn, by a hash of the seed and stratified by label, until no other one fits, but at least one. A
    larger count with the same seed keeps nearly all artworks of a smaller one.

    Args:
        part: (n,) parts.
        keys, label: as for `split_artworks`.
        count: number of training artworks.
        seed: seed of the selection.

    Returns:
        (n,) parts; "" for artworks that are left out. Without any artwork in train or validation, nothing changes.

    Raises:
        UserError: if the training split has fewer artworks.
    """
    available = int((part == "train").sum())
    if not available or not (part == "validation").any():
        return part  # which is refused where the split is described
    if count > available:
        raise UserError(
            f"The training split has {available:,} artworks, fewer than the {count:,} that are asked for.",
            where="data.train_count",
            fix=f"data.train_count={available}   or a smaller number",
        )
    limited = part.copy()
    for name in ("train", "validation"):
        rows = np.flatnonzero(part == name)
        unit, names = keys.take(rows).named_units(seed)
        hashes = np.array([unit_hash(seed, "training", one) for one in names])
        order = np.argsort(hashes if label is None else _even(hashes, unit, label[rows]), kind="stable")
        limit, kept = max(1, round(len(rows) * count / available)), np.zeros(len(names), dtype=bool)
        sizes = np.bincount(unit)
        kept[order[0]], total = True, sizes[order[0]]
        for one in order[1:]:
            if total + sizes[one] <= limit:
                kept[one] = True
                total += sizes[one]
        limited[rows[~kept[unit]]] = ""
    return limited


def fold_positions(fold: int, folds: int) -> tuple[float, float]:
    """Interval of positions of a fold's test split; the folds partition 0 to 1."""
    return fold / folds, (fold + 1) / folds


def _even(hashes: NDArray[np.float64], unit: NDArray[np.intp], label: NDArray[np.object_]) -> NDArray[np.float64]:
    """(U,) positions of units in 0 to 1: each one's middle among the works of its stratum, sorted by hash.

    A stratum is the units with the same most frequent label; labels with few units form one stratum. Artworks without a
    label only count if their unit has no label.

    Args:
        hashes: (U,) hashes of the units.
        unit: (n,) each artwork's unit, 0 to U - 1.
        label: (n,) labels of the artworks, "" for none.
    """
    labels, code = np.unique(label.astype(str), return_inverse=True)
    works = np.zeros((len(hashes), len(labels)))
    np.add.at(works, (unit, code), 1)
    if labels[0] == "":
        works[works[:, 1:].any(axis=1), 0] = 0
    stratum, size = works.argmax(axis=1), works.sum(axis=1)
    stratum[np.bincount(stratum)[stratum] < _FEW] = len(labels)
    position = np.empty(len(hashes))
    for number in np.unique(stratum):
        members = np.flatnonzero(stratum == number)
        members = members[np.argsort(hashes[members], kind="stable")]
        passed = np.cumsum(size[members])
        position[members] = (passed - size[members] / 2) / passed[-1]
    return position


def describe_split(
    part: NDArray[np.object_],
    label: NDArray[np.int64],
    classes: Sequence[str],
    units: int,
    shares: Mapping[str, float] | None,
) -> list[str]:
    """Lines that describe the sizes and the class balance of a split.

    Args:
        part: (n,) parts from `split_artworks`.
        label: (n,) classes.
        classes: names of the K classes.
        units: number of units that were split.
        shares: requested fractions of test and validation; a warning is logged if one is more than 3 points off, or a
            class is over- or underrepresented in a part. None for a split that comes with the data.

    Raises:
        UserError: if a part is empty, train and test share no class, or train has one of several classes only.
    """
    lines = []
    held: dict[str, list[str]] = {}
    whole = np.bincount(label, minlength=len(classes)) / len(label)
    for name in ("train", "validation", "test"):
        counts = np.bincount(label[part == name], minlength=len(classes))
        if counts.sum() == 0:
            raise UserError(
                f"The {name} split is empty: {len(part)} artworks in {units} groups are too few for this split.",
                where="data.split_seed",
                fix="another data.split_seed, or more artworks, or no data.group",
            )
        balance = some([f"{label} {count}" for label, count in zip(classes, counts, strict=True)], 20)
        off = 100 * np.abs(counts / counts.sum() - whole).max()
        classed = f": {balance}; classes within {off:.1f} points of their share in all" if len(classes) > 1 else ""
        if shares is not None and off > _SKEWED[0] and off * counts.sum() / 100 > _SKEWED[1]:
            log.warning(
                "In the %s split, a class is %.1f points off its share in all, as large groups stay together; another "
                "data.split_seed may come closer",
                name,
                off,
            )
        lines.append(f"{name:<10} {counts.sum():>6,} artworks ({counts.sum() / len(part):.1%}){classed}")
        held[name] = [label for label, count in zip(classes, counts, strict=True) if count]
        absent = [label for label in classes if label not in held[name]]
        if absent:
            log.warning("The %s split has no artwork of class %s", name, some(absent))
    useless = ""
    if not set(held["train"]) & set(held["test"]):
        useless = f"Train and test share no class: {some(held['train'])} in train, {some(held['test'])} in test."
    elif len(held["train"]) == 1 < len(classes):
        useless = f"All training artworks are in one class, {held['train'][0]!r}: there is nothing to learn."
    if useless:
        raise UserError(
            useless,
            where="data.split, data.split_seed",
            fix="data.split=anew   if the split is the data's own   or else another data.split_seed",
        )
    for name, requested in (shares or {}).items():
        share = float((part == name).mean())
        if abs(share - requested) > _TOLERATED:
            log.warning(
                "The %s split holds %.1f %% of the artworks, not %.1f %%; another data.split_seed may come closer",
                name,
                100 * share,
                100 * requested,
            )
    return lines
