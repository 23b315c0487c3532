"""A generator and a discriminator without normalisation layers (R3GAN: Huang et al. 2024), for the relativistic loss.

Residual blocks of convolutions 1 x 1, grouped 3 x 3, 1 x 1, with biases only before activations; the last convolution
of a block is initialised with zeros. Grids are resampled with the filter [1, 2, 1].
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from emotionart.networks.gan.doublings import START, count_doublings
from emotionart.ranges import Depth, Side, Width

_EXPANSION = 2  # factor of the channels within a block
_SLOPE = 0.2  # negative slope of leaky ReLU
_GAIN = math.sqrt(2 / (1 + _SLOPE**2))
_MOST = 16  # maximum number of channels in units of `width`


class BiasedActivation(nn.Module):
    """A bias for each channel, and leaky ReLU.

    Args:
        channels: channels of the grid.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, grid: Tensor) -> Tensor:
        """The activated grid (B, channels, h, w), in its precision."""
        # In mixed precision the bias alone is float32, and would make the whole sum so.
        return F.leaky_relu(grid + self.bias.to(grid.dtype).view(1, -1, 1, 1), _SLOPE)


class ResidualBlock(nn.Module):
    """A residual block of three convolutions, the identity at initialisation.

    Args:
        channels: channels of the grid.
        group: channels per group of the middle convolution.
        blocks: number L of residual blocks in the network; the first two convolutions' weights are scaled by L^(-1/4).
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
        """The output grid (B, channels, h, w)."""
        after: Tensor = grid + self.layers(grid)
        return after


class Resample(nn.Module):
    """Doubles or halves a grid with the filter [1, 2, 1] in both directions, which avoids aliasing.

    Args:
        up: whether to double.
    """

    kernel: Tensor

    def __init__(self, up: bool) -> None:
        super().__init__()
        self.up = up
        line = torch.tensor([1.0, 2.0, 1.0])
        kernel = torch.outer(line, line) / line.sum() ** 2
        self.register_buffer("kernel", kernel * (4 if up else 1), persistent=False)

    def forward(self, grid: Tensor) -> Tensor:
        """The grid (B, C, 2 h, 2 w) or (B, C, h / 2, w / 2)."""
        channels = grid.shape[1]
        kernel = self.kernel.to(grid.dtype).expand(channels, 1, 3, 3)
        if self.up:
            return F.conv_transpose2d(grid, kernel, stride=2, padding=1, output_padding=1, groups=channels)
        return F.conv2d(grid, kernel, stride=2, padding=1, groups=channels)


class R3GANGenerator(nn.Module):
    """A learnt 4 x 4 basis, scaled channel by channel by the noise, then residual blocks and doublings.

    Args:
        latent: dimensions of the noise.
        size: side of the picture in pixels, a power of two, at least 8.
        width: channels at the picture's full side; they double with each halving, up to 16 times `width`.
        blocks: residual blocks at each side.
        group_width: channels per group of the grouped convolutions.
        classes: number of classes, one-hot after the noise; 0 for none.

    Raises:
        ValueError: for a side that is no doubling of 4, or groups that do not divide the channels.
    """

    def __init__(
        self, latent: int, size: Side, width: Width, blocks: Depth, group_width: Width, classes: int = 0
    ) -> None:
        super().__init__()
        self.latent = latent
        channels = _channels(size, width, group_width)
        total = blocks * len(channels)
        self.basis = nn.Parameter(torch.randn(channels[0], START, START))
        self.scales = _linear(latent + classes, channels[0])
        stages: list[nn.Module] = []
        for index, channel in enumerate(channels):
            if index:
                stages += [*_changed(channels[index - 1], channel), Resample(up=True)]
            stages += [ResidualBlock(channel, group_width, total) for _ in range(blocks)]
        self.layers = nn.Sequential(*stages, _convolution(channels[-1], 3, 1, 1.0))

    def forward(self, noise: Tensor) -> Tensor:
        """Pictures (B, 3, size, size) of noise (B, latent), or (B, latent + classes)."""
        pictures: Tensor = self.layers(self.basis * self.scales(noise)[:, :, None, None])
        return pictures


class R3GANDiscriminator(nn.Module):
    """Residual blocks and halvings to 4 x 4, weighted channel by channel by a learnt basis.

    Args:
        size: side of the picture in pixels, a power of two, at least 8.
        width, blocks, group_width: as for the generator.

    Raises:
        ValueError: as for the generator.
    """

    def __init__(self, size: Side, width: Width, blocks: Depth, group_width: Width) -> None:
        super().__init__()
        channels = _channels(size, width, group_width)[::-1]
        total = blocks * len(channels)
        stages: list[nn.Module] = [_convolution(3, channels[0], 1, 1.0)]
        for index, channel in enumerate(channels):
            if index:
                stages += [Resample(up=False), *_changed(channels[index - 1], channel)]
            stages += [ResidualBlock(channel, group_width, total) for _ in range(blocks)]
        self.layers = nn.Sequential(*stages, _convolution(channels[-1], channels[-1], START, 1.0, channels[-1]))
        self.head = _linear(channels[-1], 1)

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits (B,) of pictures (B, 3, size, size) in -1..1."""
        logits: Tensor = self.head(self.features(pictures)).squeeze(1)
        return logits

    def features(self, pictures: Tensor) -> Tensor:
        """(B, D) input of the last layer."""
        features: Tensor = self.layers(pictures).flatten(1)
        return features


def _channels(size: int, width: int, group: int) -> list[int]:
    """Number of channels at each side 4, 8, ... up to `size`."""
    channels = [width * min(2**power, _MOST) for power in range(count_doublings(size), -1, -1)]
    if any(_EXPANSION * channel % group for channel in channels):
        raise ValueError(f"groups of {group} channels do not divide {_EXPANSION} x {width} channels")
    return channels


def _changed(before: int, after: int) -> Iterator[nn.Module]:
    """Yields a convolution that changes the number of channels, if it changes."""
    if before != after:
        yield _convolution(before, after, 1, 1.0)


def _convolution(before: int, after: int, side: int, gain: float, groups: int = 1) -> nn.Conv2d:
    """A convolution without bias, weights with standard deviation gain / sqrt(inputs), padded unless it is 4 x 4."""
    padding = 0 if side == START else side // 2
    layer = nn.Conv2d(before, after, side, padding=padding, groups=groups, bias=False)
    nn.init.normal_(layer.weight, 0, gain / math.sqrt(layer.weight[0].numel()))
    return layer


def _linear(before: int, after: int) -> nn.Linear:
    """A linear layer without bias, weights with standard deviation 1 / sqrt(inputs)."""
    layer = nn.Linear(before, after, bias=False)
    nn.init.normal_(layer.weight, 0, 1 / math.sqrt(before))
    return layer
