"""Pillow's resize as a network's first layer: what `data.pictures.decode.resize` makes of a picture."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_GAP = 3  # Pillow's `reducing_gap`: a picture is first averaged over whole blocks, down to so many times the size
_ONE = 1 << 22  # what Pillow's filter coefficients are whole parts of
_REDUCTION_ONE = 1 << 24  # the same for the fraction by which it multiplies the sum of a block
_SUPPORT = 2.0  # of the bicubic filter, in pixels on either side


class PillowResize(nn.Module):
    """Maps uint8 pictures (B, H, W, 3) of any one size to (B, size, size, 3), antialiased and bicubic.

    Pillow computes in whole numbers; doubles hold all of them, so that the result is the same on any machine. It is
    Pillow's bit for bit, but for one thing: rows are filtered before columns, as in Pillow until version 12, while
    Pillow 13 begins with the columns of some upright pictures, and rounds in between. That moves grey levels by 2 at
    most on noise.

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
        """By how much a side is reduced before it is filtered."""
        return (extent // (_GAP * self.size)).clamp(min=1)

    def _reduce(self, pictures: Tensor, high: Tensor, wide: Tensor) -> Tensor:
        """Means over blocks, (B, 3, h, w) in doubles; h and w are what the largest can be, and the rest is zero."""
        sums, row_counts = self._block_sums(pictures, 2, high)
        sums, column_counts = self._block_sums(sums, 3, wide)
        counts = (row_counts[:, None] * column_counts).clamp(min=1)
        multiplier: Tensor = (_REDUCTION_ONE / counts.float()).floor().double()
        return ((sums + counts // 2).double() * multiplier / _REDUCTION_ONE).floor()

    def _block_sums(self, values: Tensor, axis: int, extent: Tensor) -> tuple[Tensor, Tensor]:
        """Sums over blocks along one axis, and how many values each has; a last block may have fewer."""
        factor = self._factor(extent)
        edges = (torch.arange(2 * _GAP * self.size + 1) * factor).minimum(extent)
        before = torch.zeros_like(values.narrow(axis, 0, 1), dtype=torch.int32)
        running = torch.cat([before, values.cumsum(axis, dtype=torch.int32)], axis).index_select(axis, edges)
        length = len(edges) - 1
        return running.narrow(axis, 1, length) - running.narrow(axis, 0, length), edges[1:] - edges[:-1]

    def _filter(self, extent: Tensor) -> Tensor:
        """The filter's coefficients (size, reduced) as whole numbers, for a side of a picture."""
        factor = self._factor(extent)
        reduced = (extent + factor - 1) // factor
        scale = (extent.double() / factor).float().double() / self.size  # Pillow keeps the sides in single precision
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
    """The length of an axis, as a tensor: what is exported has to compute with it."""
    return torch.arange(pictures.shape[axis])[-1] + 1


def _bicubic(x: Tensor) -> Tensor:
    """Keys's cubic filter with a = -0.5."""
    x = x.abs()
    near = (1.5 * x - 2.5) * x * x + 1
    far = (((x - 5) * x + 8) * x - 4) * -0.5
    return torch.where(x < 1, near, torch.where(x < _SUPPORT, far, torch.zeros_like(x)))


def _rounded(sums: Tensor) -> Tensor:
    """Filtered values as whole grey levels, from sums weighted by whole coefficients."""
    return ((sums + _ONE // 2) / _ONE).floor().clamp(0, 255)
