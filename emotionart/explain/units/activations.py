"""What units answer to pictures: how strongly, and where most."""

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
See = Callable[[Rows, Tensor], object]
"""Takes positions (B,) of works and the answers (B, U, h, w) to them."""


class Activations:
    """What units answer to n works; nothing is known of works that have not been seen.

    Args:
        works: number n of works.
        mean: (n, U) means over places, if they are known already.

    Attributes:
        mean: (n, U) over places.
        place: (n, U, 2) row and column of the strongest place, in parts of the picture from 0 to 1.
        seen: (n,) which works' places are known.
        side: of the grid, in cells.
    """

    def __init__(self, works: int, mean: Array | None = None) -> None:
        self.seen = np.zeros(works, dtype=bool)
        self.side = 0
        self.place = np.empty((works, 0, 2), dtype=np.float32)
        self.mean = np.empty((works, 0)) if mean is None else mean
        self._known = mean is not None

    def see(self, rows: Rows, grid: Tensor) -> None:
        """Notes answers (B, U, h, w) to the works at positions (B,)."""
        if not self.side:
            self.side = grid.shape[2]
            self.place = np.zeros((len(self.seen), grid.shape[1], 2), dtype=np.float32)
            if not self._known:
                self.mean = np.zeros((len(self.seen), grid.shape[1]))
        strongest = grid.flatten(2).argmax(2)
        row, column = strongest // grid.shape[3], strongest % grid.shape[3]
        size = torch.tensor(grid.shape[2:])
        self.place[rows] = ((torch.stack([row, column], 2) + 0.5) / size).float().numpy()
        self.seen[rows] = True
        if not self._known:
            self.mean[rows] = grid.mean((2, 3)).double().numpy()

    def strongest(self, unit: int, count: int) -> Rows:
        """The works that a unit answers to most."""
        return np.argsort(-self.mean[:, unit], kind="stable")[:count]


@dataclass(frozen=True)
class Works:
    """The pictures of n works.

    Attributes:
        pixels: (N, size, size, 3) uint8 of these and of other works, usually memory-mapped.
        row: (n,) the works' positions in it.
    """

    pixels: NDArray[np.uint8]
    row: Rows

    def __len__(self) -> int:
        return len(self.row)

    def tensor(self, rows: Rows) -> Tensor:
        """Those of the works at positions (B,), as floats (B, 3, size, size) in 0..1."""
        return as_floats(self.pixels[self.row[rows]])


@torch.inference_mode()
def look(layer: UnitLayer, works: Works, rows: Rows, what: str, see: Sequence[See]) -> None:
    """Shows the answers to works, a batch at a time, to all that want to see them: one pass serves all.

    Args:
        layer: whose answers.
        works: the works.
        rows: (m,) which of them.
        what: what they are, for the progress bar ("test works").
        see: called with each batch.
    """
    starts = range(0, len(rows), _BATCH)
    for start in progress_bar(starts, f"what units answer to {what}", len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        grid = layer.grid(works.tensor(batch))
        for each in see:
            each(batch, grid)


def activations(layer: UnitLayer, works: Works, what: str) -> Activations:
    """What units answer to works; `what` they are, for the progress bar."""
    result = Activations(len(works))
    look(layer, works, np.arange(len(works)), what, [result.see])
    return result


def patch(picture: NDArray[np.uint8], place: Sequence[float], side: int) -> NDArray[np.uint8]:
    """The part of a picture (h, w, 3) around a unit's strongest place: three cells wide, within the picture."""
    height, width = picture.shape[:2]
    size = max(round(3 * min(height, width) / side), 8)
    top, left = (
        min(max(round(at * length) - size // 2, 0), max(length - size, 0))
        for at, length in zip(place, (height, width), strict=True)
    )
    return picture[top : top + size, left : left + size]
