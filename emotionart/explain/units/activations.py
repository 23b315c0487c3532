"""Activations of a layer's units on works: their means, and the positions of their peaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from emotionart.attribution.network import as_floats
from emotionart.attribution.unit_layer import UnitLayer
from emotionart.progress import progress_bar

_BATCH = 32

Array = NDArray[np.float64]
Rows = NDArray[np.intp]
BatchCallback = Callable[[Rows, Tensor], object]
"""Takes the positions (B,) of a batch of works, and the layer's grid (B, U, h, w) for them."""


class Activations:
    """Mean activations of U units on n works, and where each is strongest; filled batch by batch.

    Args:
        works: number n of works.
        mean: (n, U) means over space, if they are stored; None to compute them.

    Attributes:
        mean: (n, U) means over space.
        peak: (n, U, 2) row and column of the strongest cell, as fractions of the picture's height and width.
        seen: (n,) whether the peaks of each work are known; all others are 0.
        side: height of the grid in cells; 0 before the first batch.
    """

    def __init__(self, works: int, mean: Array | None = None) -> None:
        self.seen = np.zeros(works, dtype=bool)
        self.side = 0
        self.peak = np.empty((works, 0, 2), dtype=np.float32)
        self.mean = np.empty((works, 0)) if mean is None else mean
        self._has_means = mean is not None

    def update(self, rows: Rows, grid: Tensor) -> None:
        """Adds the activations (B, U, h, w) on the works at positions (B,)."""
        if not self.side:
            self.side = grid.shape[2]
            self.peak = np.zeros((len(self.seen), grid.shape[1], 2), dtype=np.float32)
            if not self._has_means:
                self.mean = np.zeros((len(self.seen), grid.shape[1]))
        strongest = grid.flatten(2).argmax(2)
        row, column = strongest // grid.shape[3], strongest % grid.shape[3]
        size = torch.tensor(grid.shape[2:])
        self.peak[rows] = ((torch.stack([row, column], 2) + 0.5) / size).float().numpy()
        self.seen[rows] = True
        if not self._has_means:
            self.mean[rows] = grid.mean((2, 3)).double().numpy()

    def top_works(self, unit: int, count: int) -> Rows:
        """Positions of the `count` works with the highest mean activation of a unit, the highest first."""
        return np.argsort(-self.mean[:, unit], kind="stable")[:count]


@dataclass(frozen=True)
class Works:
    """The pictures of n works.

    Attributes:
        pixels: (N, size, size, 3) uint8, pictures of these and other works, usually memory-mapped.
        row: (n,) each work's position in `pixels`.
    """

    pixels: NDArray[np.uint8]
    row: Rows

    @classmethod
    def all_of(cls, pixels: NDArray[np.uint8]) -> Works:
        """The works of all pictures (n, size, size, 3) uint8."""
        return cls(pixels, np.arange(len(pixels)))

    def __len__(self) -> int:
        return len(self.row)

    def tensor(self, rows: Rows) -> Tensor:
        """The pictures at positions (B,), as floats (B, 3, size, size) in 0..1."""
        return as_floats(self.pixels[self.row[rows]])


@torch.inference_mode()
def run_layer(layer: UnitLayer, works: Works, rows: Rows, description: str, callbacks: Sequence[BatchCallback]) -> None:
    """Computes a layer's activations on works, and passes each batch to several callbacks.

    Args:
        layer: layer to evaluate.
        works: works.
        rows: (m,) positions of the works to evaluate it on.
        description: the works' name in the progress bar, such as "test works".
        callbacks: called in turn with each batch.
    """
    starts = range(0, len(rows), _BATCH)
    for start in progress_bar(starts, f"activations on {description}", len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        grid = layer.grid(works.tensor(batch))
        for callback in callbacks:
            callback(batch, grid)


def activations(layer: UnitLayer, works: Works, description: str) -> Activations:
    """The activations of a layer on all works; `description` names these in the progress bar."""
    result = Activations(len(works))
    run_layer(layer, works, np.arange(len(works)), description, [result.update])
    return result


def patch(picture: NDArray[np.uint8], peak: Sequence[float], side: int) -> NDArray[np.uint8]:
    """The part of a picture around a unit's peak, three cells wide, but at least eight pixels.

    Args:
        picture: (h, w, 3) uint8.
        peak: row and column of the peak, as fractions of the height and width.
        side: height of the grid in cells.

    Returns:
        (s, s, 3), smaller only if the picture is; at an edge it is shifted inwards.
    """
    height, width = picture.shape[:2]
    size = max(round(3 * min(height, width) / side), 8)
    top, left = (
        min(max(round(fraction * length) - size // 2, 0), max(length - size, 0))
        for fraction, length in zip(peak, (height, width), strict=True)
    )
    return picture[top : top + size, left : left + size]
