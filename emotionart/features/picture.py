"""The input of all features: a picture reduced to two small squares."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from emotionart.features.colour import Palette, dominant_colours, rgb_to_lab
from emotionart.features.hue import HSY, hsy, luma

FINE_SIDE = 128
COARSE_SIDE = 48

# Pictures are summed in strips of this many values, to bound memory.
_VALUES_AT_ONCE = 2**22


class ReducedPicture:
    """A picture at the two sizes used by the features, with shared intermediate results computed once.

    Both are exact area averages of the picture, rounded to 8 bits; the aspect ratio is ignored.

    Args:
        picture: (h, w, 3) uint8, sRGB, upright, composited on white.

    Raises:
        ValueError: if it has another shape or type, or no pixels.
    """

    def __init__(self, picture: NDArray[np.uint8]) -> None:
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or picture.size == 0:
            raise ValueError(f"a picture is (h, w, 3) uint8 with pixels, not {picture.shape} {picture.dtype}")
        self.fine, self.coarse = area_averages(picture, (FINE_SIDE, COARSE_SIDE))

    @cached_property
    def luma(self) -> NDArray[np.float32]:
        """(128, 128), 0 to 1: luma of the fine square."""
        return luma(self.fine)

    @cached_property
    def grey(self) -> NDArray[np.uint8]:
        """(128, 128) uint8: luma in 256 levels."""
        return np.rint(self.luma * 255).astype(np.uint8)

    @cached_property
    def hsy(self) -> HSY:
        """Hue, saturation and luma of the fine square."""
        return hsy(self.fine)

    @cached_property
    def lab(self) -> NDArray[np.float32]:
        """(48, 48, 3): CIELAB of the coarse square."""
        return rgb_to_lab(self.coarse)

    @cached_property
    def palette(self) -> Palette:
        """The five dominant colours of the coarse square."""
        return dominant_colours(self.coarse)


def area_averages(picture: NDArray[np.uint8], sides: tuple[int, ...]) -> list[NDArray[np.uint8]]:
    """(side, side, 3) uint8 for each side: each cell is the rounded mean of the area that it covers in (h, w, 3) uint8.

    Partly covered pixels count in proportion. All sums are of whole numbers and thus exact in any order: the average of
    a mirrored picture is bit-identical to the mirrored average, which no library's resizing guarantees.
    """
    height, width = picture.shape[:2]
    strips = np.array_split(picture, min(width, -(-picture.size // _VALUES_AT_ONCE)), axis=1)
    rows = np.concatenate([_cell_sums(strip, sides, height) for strip in strips], axis=1)
    averages = []
    for side, end in zip(sides, np.cumsum(sides), strict=True):
        cells = _cell_sums(rows[end - side : end].swapaxes(0, 1), (side,), height * width).swapaxes(0, 1)
        averages.append(np.rint(cells / (height * width)).astype(np.uint8, order="C"))
    return averages


def _cell_sums(values: NDArray[Any], sides: tuple[int, ...], pixels: int) -> NDArray[np.floating]:
    """(sum(sides), m, 3) sums of (length, m, 3) along the first axis, weighted by `_overlap`.

    They are at most 255 `pixels`, which determines the type that represents them exactly.
    """
    exact = np.dtype(np.float32 if 255 * pixels < 2**24 else np.float64)
    length, width, channels = values.shape
    flat = values.reshape(length, width * channels).astype(exact, copy=False)
    sums: NDArray[np.floating] = (_overlap(length, sides, exact) @ flat).reshape(-1, width, channels)
    return sums


@lru_cache(maxsize=512)
def _overlap(length: int, sides: tuple[int, ...], exact: np.dtype[Any]) -> csr_array:
    """(sum(sides), length): overlap of each cell of each side with each pixel, in units of 1 / side of a pixel."""
    blocks = []
    for side in sides:
        edges = np.union1d(np.arange(side + 1) * length, np.arange(length + 1) * side)
        starts = edges[:-1]
        blocks.append(csr_array((np.diff(edges), (starts // length, starts // side)), shape=(side, length)))
    return vstack(blocks, format="csr", dtype=exact)
