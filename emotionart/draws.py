"""Counter-based random numbers: each is a function of its key and context, without a generator's state.

A run therefore depends neither on its number of workers nor on whether it was interrupted.
"""

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def artwork_keys(ids: Iterable[str]) -> NDArray[np.uint64]:
    """A 64-bit hash of each artwork's id."""
    return np.array(
        [int.from_bytes(hashlib.blake2b(id.encode(), digest_size=8).digest(), "little") for id in ids], dtype=np.uint64
    )


def draw(keys: NDArray[np.uint64], *context: int) -> NDArray[np.uint64]:
    """64 pseudo-random bits for each key, from the key and the non-negative numbers `context` (seed, epoch, ...).

    SplitMix64 (Steele, Lea and Flood 2014), applied once for each number of the context.
    """
    mixed = keys.astype(np.uint64)
    with np.errstate(over="ignore"):
        for number in context:
            mixed = mixed + _GOLDEN * np.uint64(number + 1)
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            mixed = mixed ^ (mixed >> np.uint64(31))
    return mixed


def draw_seed(*context: int) -> int:
    """A seed below 2^63 from the non-negative numbers `context` (a seed, an epoch, a step, ...)."""
    return int(draw(np.zeros(1, dtype=np.uint64), *context)[0] >> np.uint64(1))
