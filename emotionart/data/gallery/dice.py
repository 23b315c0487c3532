"""Random numbers for one painting, the same on every machine and with every library version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from emotionart.draws import draw

Item = TypeVar("Item")

_SPARE = 4096


class Dice:
    """Random draws determined by `context` (seed, painting, purpose) alone."""

    def __init__(self, *context: int) -> None:
        bits = draw(np.arange(_SPARE, dtype=np.uint64), *context) >> np.uint64(11)
        self._levels: list[float] = (bits / 2.0**53).tolist()

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """A uniform number in [low, high)."""
        return low + (high - low) * self._levels.pop()

    def pick(self, items: Sequence[Item], shares: Sequence[float] | None = None) -> Item:
        """One of the items, with probabilities `shares` (summing to 1) or equal ones."""
        level = self.uniform()
        if shares is None:
            return items[int(level * len(items))]
        for item, share in zip(items, shares, strict=True):
            level -= share
            if level < 0:
                return item
        return items[-1]
