"""Noise, such as dropout's, that is the same for each artwork on several devices as on a single one."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torchvision.ops import StochasticDepth


class NormalNoise(nn.Module):
    """Multiplies by standard normal noise in training, as dropout does by its own."""

    def forward(self, inputs: Tensor) -> Tensor:
        """Noisy inputs (b, ...); in evaluation the inputs."""
        return inputs * torch.randn_like(inputs) if self.training else inputs


_MULTIPLIED = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, StochasticDepth, NormalNoise)
"""Layers that multiply their input by noise; timm's `DropPath` is another."""


class SharedNoise(nn.Module):
    """Draws the noise of the whole batch, with the same seed on every device, and applies that of this device's rows.

    Args:
        layer: layer that multiplies by noise.

    Attributes:
        count: artworks in the whole batch; 0 if the devices share none.
        rows: (b,) positions of this device's artworks in it.
    """

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer
        self.count = 0
        self.rows = torch.arange(0)

    def forward(self, inputs: Tensor) -> Tensor:
        """Noisy inputs (b, ...), or (b * n, ...) if each artwork has n rows, like a transformer's windows."""
        if not self.layer.training:
            return inputs
        if not self.count:
            alone: Tensor = self.layer(inputs)
            return alone
        each = len(inputs) // len(self.rows)
        shape = inputs.shape[1:]
        noise: Tensor = self.layer(inputs.new_ones((self.count * each, *shape)))
        return inputs * noise.reshape(self.count, each, *shape)[self.rows].flatten(0, 1)


def share_noise(network: nn.Module) -> dict[str, SharedNoise]:
    """Wraps every noise layer in a `SharedNoise`, and returns the wrappers by name."""
    from timm.layers.drop import DropPath  # here, since few runs need timm

    layers = list(network.named_modules(remove_duplicate=False))
    shared = {name: SharedNoise(part) for name, part in layers if isinstance(part, (*_MULTIPLIED, DropPath))}
    for name, part in shared.items():
        network.set_submodule(name, part)
    return shared


def unshare_noise(network: nn.Module, shared: dict[str, SharedNoise]) -> None:
    """Removes the wrappers of `share_noise` from a network."""
    for name, part in shared.items():
        network.set_submodule(name, part.layer)
