"""A device's share of a training batch, and means over all devices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class BatchShare:
    """A device's share of every batch: every `devices`-th picture, starting at number `rank`.

    Each device draws the random numbers of the whole batch, from the same seed, and takes its own. So those of a
    picture do not depend on the number of devices.

    Attributes:
        rank: number of the device, from 0.
        devices: number of devices.
    """

    rank: int = 0
    devices: int = 1

    def whole(self, count: int) -> int:
        """Pictures of the whole batch, of which this device has `count`."""
        return count * self.devices

    def of(self, batch: Tensor, dim: int = 0) -> Tensor:
        """This device's part of a tensor of the whole batch, whose pictures are along dimension `dim`."""
        return batch[(slice(None),) * dim + (slice(self.rank, None, self.devices),)]

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replaces tensors of one type by their means over all devices, in one exchange that no GPU is waited for."""
        if self.devices == 1:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        torch.distributed.all_reduce(flat)
        means = torch.split(flat / self.devices, [tensor.numel() for tensor in tensors])
        for tensor, mean in zip(tensors, means, strict=True):
            tensor.copy_(mean.view(tensor.shape))


ALONE = BatchShare()
"""The share of a single device: the whole batch."""
