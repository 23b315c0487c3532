"""A device's share of a training batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True)
class BatchShare:
    """A device's share of every batch: every `devices`-th artwork, starting at number `rank`.

    Each device draws the random numbers of the whole batch, from the same seed, and takes its own. So those of an
    artwork do not depend on the number of devices.

    Attributes:
        rank: number of the device, from 0.
        devices: number of devices that share the batch.
    """

    rank: int = 0
    devices: int = 1

    def rows(self, count: int) -> NDArray[np.intp]:
        """Positions of this device's artworks in a batch of `count`, at least 1.

        The first artworks repeat at the end, so that all devices read equally many.
        """
        whole = -(-count // self.devices) * self.devices
        return np.arange(self.rank, whole, self.devices) % count

    def whole(self, count: int) -> int:
        """Artworks of the whole batch, of which this device has `count`."""
        return count * self.devices

    def of(self, batch: Tensor, dim: int = 0) -> Tensor:
        """This device's part of a tensor of the whole batch, whose artworks are along dimension `dim`.

        They are those of `rows`, but as a slice, for which no GPU is waited; so the devices must divide the batch.
        """
        assert batch.shape[dim] % self.devices == 0, f"{batch.shape[dim]} artworks, {self.devices} devices"
        return batch[(slice(None),) * dim + (slice(self.rank, None, self.devices),)]


ALONE = BatchShare()
"""The share of a single device: the whole batch."""
