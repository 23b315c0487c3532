"""Duplicates: pictures with nearly equal perceptual hashes, and mirrored, rotated, cropped or recoloured copies.

The hash finds copies with another aspect ratio, `find_copies` the rest.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from emotionart.data.pictures.copies import find_copies
from emotionart.files import atomic_write

CHANGES = (
    "another size or shape, mirroring, turns of 90° or up to 12°, crops of up to 5 % a side, recolouring, compression"
)
"""Changes under which a copy is still recognised."""

_VERSION = 1  # version of the copy detection: a change invalidates stored results
_BITS = 64
_MANY = 0.1  # fraction of pictures


def duplicate_clusters(
    id: NDArray[np.object_], phash: NDArray[np.uint64], square: NDArray[np.uint8], distance: int | None, cache: Path
) -> NDArray[np.intp]:
    """(n,) cluster of each picture: duplicates share one, and so do chains of duplicates.

    Args:
        id: (n,) digests of the pictures' bytes, "" for unreadable ones, which form clusters of their own.
        phash: (n,) perceptual hashes.
        square: (n, SIDE, SIDE) grey squares.
        distance: maximum number of differing bits between hashes of duplicates; None finds no duplicates.
        cache: folder in which pairs of copies are stored, as comparing many pictures takes long.
    """
    alone = np.arange(len(id))
    readable = np.flatnonzero(id != "")
    if distance is None or not len(readable):
        return alone
    by_hash = near_duplicates(phash[readable], distance)
    first, second = readable[_copies(id[readable].astype(str), square, readable, cache)].T
    count = len(id)
    links = np.r_[readable, first], np.r_[count + by_hash, second]
    graph = coo_array((np.ones(len(links[0])), links), shape=(2 * count,) * 2)
    clusters: NDArray[np.intp] = connected_components(graph, directed=False)[1][:count].astype(np.intp)
    return clusters


def describe_duplicates(cluster: NDArray[np.intp]) -> str:
    """A sentence on the number and kinds of copies, given clusters (n,), with remedies if there are many."""
    sizes = np.bincount(cluster)
    copies, groups = len(cluster) - np.count_nonzero(sizes), np.count_nonzero(sizes > 1)
    if not copies:
        return f"no picture is a copy of another (looked for: {CHANGES})"
    line = (
        f"{copies:,} of {len(cluster):,} pictures are copies of others, in {groups:,} groups that are kept together "
        f"and count as one (looked for: {CHANGES})"
    )
    if not are_many_copies(cluster):
        return line
    return (
        f"{line}; that many are better sorted out: name the original of each in a column (data.group=COLUMN), or keep "
        "one picture of each group"
    )


def are_many_copies(cluster: NDArray[np.intp]) -> bool:
    """Whether more than one picture in ten is a copy, given clusters (n,)."""
    return len(np.unique(cluster)) < (1 - _MANY) * len(cluster)


def _copies(id: NDArray[np.str_], square: NDArray[np.uint8], row: NDArray[np.intp], cache: Path) -> NDArray[np.intp]:
    """(m, 2) indices of pairs of copies among readable pictures, stored per set of pictures in any order.

    Args:
        id: (r,) digests of their bytes; the first of several identical files represents all.
        square: (n, SIDE, SIDE) grey squares of all pictures.
        row: (r,) positions of their squares.
        cache: folder in which pairs are stored.
    """
    distinct, index = np.unique(id, return_index=True)
    name = hashlib.blake2b("\n".join(distinct).encode(), digest_size=12).hexdigest()
    path = cache / "copies" / f"v{_VERSION}-{name}.npy"
    if not path.exists():
        copies = find_copies(square[row[index]])
        with atomic_write(path) as partial, partial.open("wb") as file:
            np.save(file, copies)
    pairs: NDArray[np.intp] = index[np.load(path, allow_pickle=False)]
    return pairs


def near_duplicates(phash: NDArray[np.uint64], distance: int) -> NDArray[np.intp]:
    """(n,) cluster of each picture: pictures whose hashes differ in at most `distance` bits share one.

    Two hashes that differ in at most d bits agree in at least one of d + 1 blocks of bits (Manku, Jain and Sarma
    2007), so only pictures that agree in a block are compared. Clusters are connected components.

    Args:
        phash: (n,) perceptual hashes.
        distance: maximum number of differing bits, 0 to 63.
    """
    distinct, which = np.unique(phash, return_inverse=True)
    pairs = [np.empty((0, 2), dtype=np.intp)]
    for bits in np.array_split(np.arange(_BITS, dtype=np.uint64), distance + 1):
        mask = np.bitwise_or.reduce(np.uint64(1) << bits)
        pairs += _close_pairs(distinct, mask, distance)
    first, second = np.concatenate(pairs).T
    links = coo_array((np.ones(len(first)), (first, second)), shape=(len(distinct),) * 2)
    cluster = connected_components(links, directed=False)[1]
    clusters: NDArray[np.intp] = cluster[which].astype(np.intp)
    return clusters


def _close_pairs(hashes: NDArray[np.uint64], mask: np.uint64, distance: int) -> list[NDArray[np.intp]]:
    """Pairs of hashes that agree under `mask` and differ in at most `distance` bits in total."""
    order = np.argsort(hashes & mask, kind="stable")
    block = (hashes & mask)[order]
    starts = np.flatnonzero(np.r_[True, block[1:] != block[:-1]])
    pairs = []
    for start, end in zip(starts, np.r_[starts[1:], len(block)], strict=True):
        for offset in range(1, end - start):
            left, right = order[start : end - offset], order[start + offset : end]
            close = np.bitwise_count(hashes[left] ^ hashes[right]) <= distance
            if close.any():
                pairs.append(np.stack([left[close], right[close]], axis=1))
    return pairs
