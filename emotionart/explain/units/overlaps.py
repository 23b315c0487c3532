"""Objects in paintings and the cells of a grid, and how often units are active on them."""

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
    """Numbers of pixels in m paintings.

    Attributes:
        name: (m,) of the object.
        covered: (m,) that lie on it.
        active: (m, U) at which each unit is active.
        both: (m, U) at which it is, and that lie on the object.
    """

    name: NDArray[np.object_]
    covered: Array
    active: Array
    both: Array

    @classmethod
    def none(cls, name: NDArray[np.object_], units: int) -> Overlaps:
        """Those of units that are never active."""
        return cls(name, np.zeros(len(name)), np.zeros((len(name), units)), np.zeros((len(name), units)))

    def on(self, name: str) -> Array:
        """Pixels of an object at which each unit is active, (U,)."""
        number: Array = self.both[self.name == name].sum(0)
        return number

    def iou(self, name: str) -> Array:
        """Intersection over union of each unit with an object, over all paintings, (U,)."""
        both, covered = self.on(name), self.covered[self.name == name].sum()
        ratio: Array = both / (self.active.sum(0) + covered - both)
        return ratio


@dataclass(frozen=True)
class Cells:
    """Masks, counted by the cells of a grid. Cells are taken whole: interpolation would take off their peaks.

    Attributes:
        size: (h, w) pixels of each cell.
        object: (m, h, w) those on the object.
    """

    size: Array
    object: Array

    @classmethod
    def of(cls, mask: NDArray[np.bool_], grid: Sequence[int]) -> Cells:
        """Masks (m, H, W), by the cells of a grid (h, w)."""
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
