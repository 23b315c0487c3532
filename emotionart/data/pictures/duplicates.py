"""Near-duplicates by perceptual hash, without comparing all pairs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

_BITS = 64


def near_duplicates(phash: NDArray[np.uint64], distance: int) -> NDArray[np.intp]:
    """The cluster of each picture, (n,): pictures whose hashes differ in at most `distance` bits share one.

    Two hashes that differ in at most d bits agree in at least one of d + 1 blocks of bits (Manku, Jain and Sarma
    2007), so that only pictures that agree in a block are compared. Clusters are closed under chains.

    Args:
        phash: (n,) perceptual hashes.
        distance: bits, 0 to 63.
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
    """Pairs that agree under `mask` and differ in at most `distance` bits in all."""
    order = np.argsort(hashes & mask, kind="stable")
    block = (hashes & mask)[order]
    starts = np.flatnonzero(np.r_[True, block[1:] != block[:-1]])
    found = []
    for start, end in zip(starts, np.r_[starts[1:], len(block)], strict=True):
        for offset in range(1, end - start):
            left, right = order[start : end - offset], order[start + offset : end]
            close = np.bitwise_count(hashes[left] ^ hashes[right]) <= distance
            if close.any():
                found.append(np.stack([left[close], right[close]], axis=1))
    return found
