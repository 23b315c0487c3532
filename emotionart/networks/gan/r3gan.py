"""A generator and a discriminator without normalisation (R3GAN: Huang et al. 2024), for the relativistic loss.

Residual blocks 1 x 1, grouped 3 x 3, 1 x 1, with biases before activations only; the last convolution of a block starts
at zero. Grids are resampled by [1, 2, 1].
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from emotionart.ranges import Depth, Side, Width

_START = 4  # side of the coarsest grid
_EXPANSION = 2  # of channels within a block
_SLOPE = 0.2  # of leaky ReLU
_GAIN = math.sqrt(2 / (1 + _SLOPE**2))
_MOST = 16  # times `width` are the most channels


class BiasedActivation(nn.Module):
    """A bias for each channel, and leaky ReLU.

    Args:
        channels: of the grid.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, grid: Tensor) -> Tensor:
        """The activated grid (B, channels, h, w)."""
        return F.leaky_relu(grid + self.bias.view(1, -1, 1, 1), _SLOPE)


class ResidualBlock(nn.Module):
    """Adds to a grid what three convolutions find in it; nothing at the start.

    Args:
        channels: of the grid.
        group: channels in a group of the middle convolution.
        blocks: L residual blocks of the network; the first two convolutions' weights are smaller by L^(-1/4).
    """

    def __init__(self, channels: int, group: int, blocks: int) -> None:
        super().__init__()
        inner, gain = _EXPANSION * channels, _GAIN * blocks**-0.25
        self.layers = nn.Sequential(
            _convolution(channels, inner, 1, gain),
            BiasedActivation(inner),
            _convolution(inner, inner, 3, gain, groups=max(inner // group, 1)),
            BiasedActivation(inner),
            _convolution(inner, channels, 1, 0.0),
        )

    def forward(self, grid: Tensor) -> Tensor:
        """The next grid (B, channels, h, w)."""
        after: Tensor = grid + self.layers(grid)
        return after


class Resample(nn.Module):
    """Doubles or halves a grid by the filter [1, 2, 1] in both directions, which leaves no aliases.

    Args:
        up: whether it doubles.
    """

    kernel: Tensor

    def __init__(self, up: bool) -> None:
        super().__init__()
        self.up = up
        line = torch.tensor([1.0, 2.0, 1.0])
        kernel = torch.outer(line, line) / line.sum() ** 2
        self.register_buffer("kernel", kernel * (4 if up else 1), persistent=False)

    def forward(self, grid: Tensor) -> Tensor:
        """The grid at twice or half its side."""
        channels = grid.shape[1]
        kernel = self.kernel.to(grid.dtype).expand(channels, 1, 3, 3)
        if self.up:
            return F.conv_transpose2d(grid, kernel, stride=2, padding=1, output_padding=1, groups=channels)
        return F.conv2d(grid, kernel, stride=2, padding=1, groups=channels)


class R3GANGenerator(nn.Module):
    """Noise scales a learnt 4 x 4 basis, channel by channel; residual blocks and doublings follow.

    Args:
        latent: numbers of noise for a picture.
        size: side of the picture in pixels, a power of two from 8 on.
        width: channels at the picture's own side, twice as many at each halving, up to 16 times `width`.
        blocks: residual blocks at each side.
        group_width: channels in a group of the grouped convolutions.
        classes: number of classes that follow the noise one-hot; 0 for none.

    Raises:
        ValueError: for a side that no doubling of 4 reaches, or groups that do not divide the channels.
    """

    def __init__(
        self, latent: int, size: Side, width: Width, blocks: Depth, group_width: Width, classes: int = 0
    ) -> None:
        super().__init__()
        self.latent = latent
        channels = _channels(size, width, group_width)
        total = blocks * len(channels)
        self.basis = nn.Parameter(torch.randn(channels[0], _START, _START))
        self.scales = _linear(latent + classes, channels[0], 1.0)
        stages: list[nn.Module] = []
        for place, channel in enumerate(channels):
            if place:
                stages += [*_changed(channels[place - 1], channel), Resample(up=True)]
            stages += [ResidualBlock(channel, group_width, total) for _ in range(blocks)]
        self.layers = nn.Sequential(*stages, _convolution(channels[-1], 3, 1, 1.0))

    def forward(self, noise: Tensor) -> Tensor:
        """Pictures (B, 3, size, size) of noise (B, latent), or (B, latent + classes)."""
        pictures: Tensor = self.layers(self.basis * self.scales(noise)[:, :, None, None])
        return pictures


class R3GANDiscriminator(nn.Module):
    """Residual blocks and halvings to 4 x 4, which a learnt basis weighs, channel by channel.

    Args:
        size: side of the picture in pixels, a power of two from 8 on.
        width, blocks, group_width: as the generator's.

    Raises:
        ValueError: as the generator's.
    """

    def __init__(self, size: Side, width: Width, blocks: Depth, group_width: Width) -> None:
        super().__init__()
        channels = _channels(size, width, group_width)[::-1]
        total = blocks * len(channels)
        stages: list[nn.Module] = [_convolution(3, channels[0], 1, 1.0)]
        for place, channel in enumerate(channels):
            if place:
                stages += [Resample(up=False), *_changed(channels[place - 1], channel)]
            stages += [ResidualBlock(channel, group_width, total) for _ in range(blocks)]
        self.layers = nn.Sequential(*stages, _convolution(channels[-1], channels[-1], _START, 1.0, channels[-1]))
        self.head = _linear(channels[-1], 1, 1.0)

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits (B,) of pictures (B, 3, size, size) in -1..1."""
        logits: Tensor = self.head(self.features(pictures)).squeeze(1)
        return logits

    def features(self, pictures: Tensor) -> Tensor:
        """What the last layer is given, (B, D)."""
        found: Tensor = self.layers(pictures).flatten(1)
        return found


def _channels(size: int, width: int, group: int) -> list[int]:
    """Channels at the sides 4, 8, ... up to `size`."""
    doublings = size.bit_length() - _START.bit_length()
    if doublings < 1 or size != _START << doublings:
        raise ValueError(f"{size} pixels cannot be reached by doubling a grid of {_START} x {_START}")
    channels = [width * min(2**power, _MOST) for power in range(doublings, -1, -1)]
    if any(_EXPANSION * channel % group for channel in channels):
        raise ValueError(f"groups of {group} channels do not divide {_EXPANSION} x {width} channels")
    return channels


def _changed(before: int, after: int) -> Iterator[nn.Module]:
    """What changes the number of channels, if it does change."""
    if before != after:
        yield _convolution(before, after, 1, 1.0)


def _convolution(before: int, after: int, side: int, gain: float, groups: int = 1) -> nn.Conv2d:
    """Without bias, with weights of standard deviation gain / sqrt(inputs); padded unless it covers the whole grid."""
    padding = 0 if side == _START else side // 2
    layer = nn.Conv2d(before, after, side, padding=padding, groups=groups, bias=False)
    nn.init.normal_(layer.weight, 0, gain / math.sqrt(layer.weight[0].numel()))
    return layer


def _linear(before: int, after: int, gain: float) -> nn.Linear:
    layer = nn.Linear(before, after, bias=False)
    nn.init.normal_(layer.weight, 0, gain / math.sqrt(before))
    return layer
