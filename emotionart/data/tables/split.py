"""Train, validation and test splits, by artwork or by artist, before anything is augmented.

In order of weight: a group is never divided; a part does not change when artworks are added; then balance between
classes; then the exact share. A part that depends on nothing but the unit's own hash gives the first two and leaves
the other two to chance: what would balance classes exactly would move artworks whenever others are added.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from emotionart.data.tables.names import fold_name
from emotionart.data.tables.wording import some
from emotionart.errors import UserError

log = logging.getLogger(__name__)

_TOLERATED = 0.03  # deviation of the test share that is no warning


def split_artworks(
    id: NDArray[np.object_],
    group: NDArray[np.object_],
    cluster: NDArray[np.intp],
    seed: int,
    *,
    test: float = 0.25,
    validation: float = 0.2,
) -> NDArray[np.object_]:
    """The part of each artwork: "train", "validation" or "test".

    A unit is a group, or an artwork without one; units that share near-duplicates become one, which goes where the
    member with the smallest hash goes, so that an added artwork seldom moves it. Hashes are BLAKE2b of seed and name.

    Args:
        id: (n,) names of the artworks.
        group: (n,) what must stay together, compared without case and accents; "" stands for nothing.
        cluster: (n,) numbers of near-duplicate clusters.
        seed: of the split.
        test: expected share of the test split.
        validation: expected share of validation in the rest.
    """
    unit, names, members = _units(id, group, cluster)
    part = np.empty(len(names), dtype=object)
    # Later assignments win, so that each unit ends with the part of its smallest member.
    for place in np.argsort([-_hash(seed, "member", name) for name in names], kind="stable"):
        if _hash(seed, "test", names[place]) < test:
            part[members[place]] = "test"
        else:
            part[members[place]] = "validation" if _hash(seed, "validation", names[place]) < validation else "train"
    return part[unit]


def join_units(id: NDArray[np.object_], group: NDArray[np.object_], cluster: NDArray[np.intp]) -> NDArray[np.intp]:
    """Numbers from 0 of what a split keeps together and an interval counts as one, (n,); see `split_artworks`."""
    return np.unique(_units(id, group, cluster)[0], return_inverse=True)[1].astype(np.intp)


def _units(
    id: NDArray[np.object_], group: NDArray[np.object_], cluster: NDArray[np.intp]
) -> tuple[NDArray[np.intp], list[str], NDArray[np.intp]]:
    """Joins groups and artworks that share a cluster: the unit of each artwork, the distinct keys, each key's unit."""
    keys = [f"group\0{fold_name(who)}" if who else f"id\0{name}" for name, who in zip(id, group, strict=True)]
    names, key = np.unique(np.array(keys, dtype=str), return_inverse=True)
    clusters, of = np.unique(cluster, return_inverse=True)
    count = len(names)
    links = coo_array((np.ones(len(key)), (key, count + of)), shape=(count + len(clusters),) * 2)
    component = connected_components(links, directed=False)[1]
    return component[key], names.tolist(), component[:count]


def _hash(seed: int, purpose: str, key: str) -> float:
    digest = hashlib.blake2b(f"{seed}\0{purpose}\0{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") / 2**64


def describe_split(
    part: NDArray[np.object_],
    label: NDArray[np.int64],
    classes: Sequence[str],
    units: int,
    test: float | None,
) -> list[str]:
    """Lines that say which shares and which balance the split has reached.

    Args:
        part: (n,) as `split_artworks` gives it.
        label: (n,) classes.
        classes: names of the K classes.
        units: number of groups and single artworks that were divided.
        test: the share that was asked for; a warning is logged where the split is more than 3 points off. None for a
            split that the data bring.

    Raises:
        UserError: if a part is empty.
    """
    lines = []
    for name in ("train", "validation", "test"):
        counts = np.bincount(label[part == name], minlength=len(classes))
        if counts.sum() == 0:
            raise UserError(
                f"The {name} split is empty: {len(part)} artworks in {units} groups are too few for this split.",
                where="data.split_seed",
                fix="another data.split_seed, or more artworks, or no data.group",
            )
        balance = some([f"{label} {count}" for label, count in zip(classes, counts, strict=True)], 20)
        lines.append(f"{name:<10} {counts.sum():>6,} artworks ({counts.sum() / len(part):.1%}): {balance}")
        absent = [label for label, count in zip(classes, counts, strict=True) if count == 0]
        if absent:
            log.warning("The %s split has no artwork of class %s", name, some(absent))
    share = float((part == "test").mean())
    if test is not None and abs(share - test) > _TOLERATED:
        log.warning(
            "The test split holds %.1f %% of the artworks instead of %.1f %%; another data.split_seed may come closer",
            100 * share,
            100 * test,
        )
    return lines
