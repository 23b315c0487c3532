"""Dropout on several devices: the noise that each artwork would get on one."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torchvision.ops import StochasticDepth

_MULTIPLIED = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, StochasticDepth)
"""Layers that multiply what they are given by noise; timm's `DropPath` is another."""


class SharedNoise(nn.Module):
    """Draws the noise of a whole batch, as every device does from the same seed, and takes that of its own rows.

    Args:
        layer: that multiplies by noise.

    Attributes:
        count: artworks in the whole batch.
        rows: (b,) those of them that this device is given.
    """

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer
        self.count = 0
        self.rows = torch.arange(0)

    def forward(self, inputs: Tensor) -> Tensor:
        """Noisy inputs (b, ...), or (b * n, ...) where each artwork has n rows, as the windows of a transformer."""
        if not self.layer.training:
            return inputs
        each = len(inputs) // len(self.rows)
        shape = inputs.shape[1:]
        noise: Tensor = self.layer(inputs.new_ones((self.count * each, *shape)))
        return inputs * noise.reshape(self.count, each, *shape)[self.rows].flatten(0, 1)


def share_noise(network: nn.Module) -> dict[str, SharedNoise]:
    """Puts a `SharedNoise` around every layer of noise, and returns them by their place in the network."""
    from timm.layers.drop import DropPath  # here, since few runs need timm

    layers = list(network.named_modules(remove_duplicate=False))
    shared = {name: SharedNoise(part) for name, part in layers if isinstance(part, (*_MULTIPLIED, DropPath))}
    for name, part in shared.items():
        network.set_submodule(name, part)
    return shared


def unshare_noise(network: nn.Module, shared: dict[str, SharedNoise]) -> None:
    """Takes away what `share_noise` has put into a network."""
    for name, part in shared.items():
        network.set_submodule(name, part.layer)
