"""How often a network's coarsest grid is doubled to reach the picture's side."""

from __future__ import annotations

START = 4
"""Side of the coarsest grid."""


def count_doublings(size: int) -> int:
    """The number n of doublings from `START` to the side `size` of a picture: size = 4 · 2ⁿ.

    Raises:
        ValueError: for a side that is not 4 times a power of two, or less than 8.
    """
    doublings = size.bit_length() - START.bit_length()
    if doublings < 1 or size != START << doublings:
        raise ValueError(f"{size} pixels cannot be reached by doubling a grid of {START} x {START}")
    return doublings
