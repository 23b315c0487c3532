"""Pillow's resizing as a network layer, equivalent to `data.pictures.fit.resize`."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_GAP = 3  # Pillow's `reducing_gap`: a picture is first averaged over whole blocks, to this multiple of the size
_ONE = 1 << 22  # fixed-point unit of Pillow's filter coefficients
_REDUCTION_ONE = 1 << 24  # fixed-point unit of the factor by which Pillow multiplies the sum of a block
_SUPPORT = 2.0  # radius of the bicubic filter in pixels


class PillowResize(nn.Module):
    """Maps uint8 pictures (B, H, W, 3) of any size to (B, size, size, 3) by antialiased bicubic resizing.

    Pillow computes in integers, which doubles represent exactly, so the result is the same on any machine. It is
    bit-identical to Pillow's with one exception: rows are filtered before columns, as in Pillow until version 12, but
    Pillow 13 starts with the columns of some upright pictures, and rounds in between. On noise, this changes grey
    levels by at most 2.

    Args:
        size: side in pixels.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, pictures: Tensor) -> Tensor:
        """Pictures (B, size, size, 3) uint8 of pictures (B, H, W, 3) uint8."""
        high, wide = (_extent(pictures, axis) for axis in (1, 2))
        reduced = self._reduce(pictures.permute(0, 3, 1, 2), high, wide)
        narrow = _rounded(reduced @ self._filter(wide).T)
        small = _rounded(self._filter(high) @ narrow)
        return small.to(torch.uint8).permute(0, 2, 3, 1)

    def _factor(self, extent: Tensor) -> Tensor:
        """Factor by which a side is reduced before filtering."""
        return (extent // (_GAP * self.size)).clamp(min=1)

    def _reduce(self, pictures: Tensor, high: Tensor, wide: Tensor) -> Tensor:
        """(B, 3, h, w) means over blocks in doubles; h and w are the largest possible sizes, padded with zeros."""
        sums, row_counts = self._block_sums(pictures, 2, high)
        sums, column_counts = self._block_sums(sums, 3, wide)
        counts = (row_counts[:, None] * column_counts).clamp(min=1)
        multiplier: Tensor = (_REDUCTION_ONE / counts.float()).floor().double()
        return ((sums + counts // 2).double() * multiplier / _REDUCTION_ONE).floor()

    def _block_sums(self, values: Tensor, axis: int, extent: Tensor) -> tuple[Tensor, Tensor]:
        """Sums over blocks along one axis, and the number of values in each; the last block may be smaller."""
        factor = self._factor(extent)
        edges = (torch.arange(2 * _GAP * self.size + 1) * factor).minimum(extent)
        before = torch.zeros_like(values.narrow(axis, 0, 1), dtype=torch.int32)
        running = torch.cat([before, values.cumsum(axis, dtype=torch.int32)], axis).index_select(axis, edges)
        length = len(edges) - 1
        return running.narrow(axis, 1, length) - running.narrow(axis, 0, length), edges[1:] - edges[:-1]

    def _filter(self, extent: Tensor) -> Tensor:
        """(size, reduced) filter coefficients as whole numbers, for a side of a picture."""
        factor = self._factor(extent)
        reduced = (extent + factor - 1) // factor
        scale = (extent.double() / factor).float().double() / self.size  # Pillow stores the sides in single precision
        stretch = scale.clamp(min=1)
        centre = ((torch.arange(self.size).double() + 0.5) * scale)[:, None]
        first = (centre - _SUPPORT * stretch + 0.5).floor()
        last = (centre + _SUPPORT * stretch + 0.5).floor().minimum(reduced.double())
        place = torch.arange(2 * _GAP * self.size).double()
        weight = _bicubic((place - centre + 0.5) * (1 / stretch))
        weight = torch.where((place >= first) & (place < last), weight, torch.zeros_like(weight))
        share = weight / weight.sum(1, keepdim=True)
        return (share * _ONE + torch.where(share < 0, -0.5, 0.5)).trunc()


def _extent(pictures: Tensor, axis: int) -> Tensor:
    """The length of an axis as a tensor, so that it becomes part of the exported graph."""
    return torch.arange(pictures.shape[axis])[-1] + 1


def _bicubic(x: Tensor) -> Tensor:
    """Keys's cubic filter with a = -0.5."""
    x = x.abs()
    near = (1.5 * x - 2.5) * x * x + 1
    far = (((x - 5) * x + 8) * x - 4) * -0.5
    return torch.where(x < 1, near, torch.where(x < _SUPPORT, far, torch.zeros_like(x)))


def _rounded(sums: Tensor) -> Tensor:
    """Whole grey levels from sums weighted by whole-number coefficients."""
    return ((sums + _ONE // 2) / _ONE).floor().clamp(0, 255)
