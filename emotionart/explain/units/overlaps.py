"""Overlap of units' active cells with the masks of objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Overlaps:
    """Pixel counts in m paintings with one object each.

    Attributes:
        name: (m,) name of the object.
        covered: (m,) pixels of the object.
        active: (m, U) pixels at which each unit is active.
        both: (m, U) pixels of the object at which each unit is active.
    """

    name: NDArray[np.object_]
    covered: Array
    active: Array
    both: Array

    @classmethod
    def zeros(cls, name: NDArray[np.object_], units: int) -> Overlaps:
        """Counts of 0 for paintings with the objects `name` (m,)."""
        return cls(name, np.zeros(len(name)), np.zeros((len(name), units)), np.zeros((len(name), units)))

    def on(self, name: str) -> Array:
        """(U,) pixels of an object at which each unit is active, over all paintings."""
        pixels: Array = self.both[self.name == name].sum(0)
        return pixels

    def iou(self, name: str) -> Array:
        """(U,) intersection over union of each unit with an object, over all paintings."""
        both, covered = self.on(name), self.covered[self.name == name].sum()
        ratio: Array = both / (self.active.sum(0) + covered - both)
        return ratio


@dataclass(frozen=True)
class Cells:
    """Masks as pixel counts of a grid's cells.

    A cell is active as a whole. Upsampling activations to the masks' size would flatten their peaks instead.

    Attributes:
        size: (h, w) pixels of each cell.
        object: (m, h, w) pixels of each cell that lie on the object.
    """

    size: Array
    object: Array

    @classmethod
    def of(cls, mask: NDArray[np.bool_], grid: Sequence[int]) -> Cells:
        """Counts the pixels of masks (m, H, W) by the cells of a grid (h, w)."""
        rows, columns = (_membership(*sides) for sides in zip(grid, mask.shape[1:], strict=True))
        return cls(
            np.outer(rows.sum(1), columns.sum(1)),
            np.einsum("hy,myx,wx->mhw", rows, mask, columns, optimize=True),
        )


def _membership(cells: int, pixels: int) -> Array:
    """(cells, pixels): 1 where a pixel lies in a cell."""
    cell = F.interpolate(torch.arange(cells)[None, None].float(), pixels, mode="nearest")[0, 0]
    inside: Array = np.equal.outer(np.arange(cells), cell.numpy()).astype(np.float64)
    return inside
