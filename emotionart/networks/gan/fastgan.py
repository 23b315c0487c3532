"""A light generator for small data sets, after FastGAN (Liu et al. 2021): gated linear units, skip excitation."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm as normalise_spectrum

from emotionart.networks.distributed.noise import NormalNoise
from emotionart.networks.gan.doublings import START, count_doublings
from emotionart.ranges import Side, Width

_COARSE = 4  # channels of the first grid, relative to those at 64 pixels
_EXCITED_FROM = 32  # pixels; grids of at least this side are excited by those of an eighth of their side


class ConditionalBatchNorm(nn.Module):
    """Batch norm with class-dependent gain and offset (de Vries et al. 2017), if there are classes.

    Args:
        channels: channels of the grid.
        classes: number of classes; 0 for none.
    """

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.shift = nn.Linear(classes, 2 * channels, bias=False) if classes else None
        if self.shift is not None:
            nn.init.zeros_(self.shift.weight)

    def forward(self, grid: Tensor, condition: Tensor) -> Tensor:
        """The normalised grid (B, C, h, w), given one-hot classes (B, K)."""
        normalised: Tensor = self.norm(grid)
        if self.shift is None:
            return normalised
        gain, offset = self.shift(condition)[:, :, None, None].chunk(2, 1)
        return torch.addcmul(offset, normalised, 1 + gain)


class GatedBlock(nn.Module):
    """A layer with twice the output channels, batch norm, and a gated linear unit, which halves them.

    Args:
        layer: a convolution, whose weights are divided by their largest singular value.
        channels: output channels.
        classes: number of classes; 0 for none.
    """

    def __init__(self, layer: nn.Conv2d | nn.ConvTranspose2d, channels: int, classes: int) -> None:
        super().__init__()
        self.layer = normalise_spectrum(layer)
        self.norm = ConditionalBatchNorm(2 * channels, classes)

    def forward(self, grid: Tensor, condition: Tensor) -> Tensor:
        """The next grid (B, channels, h, w)."""
        values, gates = self.norm(self.layer(grid), condition).chunk(2, 1)
        # Not F.glu: its gradient has another memory format than channels_last, for which batch norm's is very slow.
        gated: Tensor = values * gates.sigmoid()
        return gated


class SkipExcitation(nn.Module):
    """Scales the channels of a fine grid by weights computed from a coarse one.

    Args:
        coarse, fine: channels of the two grids.
    """

    def __init__(self, coarse: int, fine: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.AdaptiveAvgPool2d(START),
            normalise_spectrum(nn.Conv2d(coarse, fine, START, bias=False)),
            nn.SiLU(),
            normalise_spectrum(nn.Conv2d(fine, fine, 1, bias=False)),
            nn.Sigmoid(),
        )

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        """The scaled fine grid."""
        scaled: Tensor = fine * self.layers(coarse)
        return scaled


class GridNoise(nn.Module):
    """Adds a grid of standard normal noise, multiplied by a learnt weight of each channel (Karras et al. 2019).

    The weights start at 0. In training each picture gets new noise, in evaluation all get the same, which is saved.

    Args:
        channels: channels of the grid.
        side: side of the grid.
    """

    fixed: Tensor

    def __init__(self, channels: int, side: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(channels, 1, 1))
        self.draw = NormalNoise()
        self.register_buffer("fixed", torch.randn(1, 1, side, side))

    def forward(self, grid: Tensor) -> Tensor:
        """The noisy grid (B, channels, side, side)."""
        noise = self.draw(torch.ones_like(grid[:, :1])) if self.training else self.fixed.to(grid)
        return torch.addcmul(grid, self.weight.to(grid), noise)


class FastGANGenerator(nn.Module):
    """Noise on a sphere, a transposed convolution to 4 x 4, and gated blocks that double the grid.

    Every other doubling has a second block. The last layer has no tanh: pictures may slightly exceed -1..1.

    Args:
        latent: dimensions of the noise.
        size: side of the picture in pixels, a power of two, at least 8.
        width: channels at 64 pixels: four times as many at 4 pixels, halved with every second doubling, whatever `size`
            is. The weights of a smaller picture's generator therefore fit a larger one's.
        skip_excitation: whether grids from 32 pixels on are scaled by those of an eighth of their side. Users report
            grid patterns from it.
        upsampling: how a grid is doubled.
        noise: whether noise is added to each doubled grid.
        classes: number of classes, one-hot after the noise, which condition batch norm; 0 for none.

    Raises:
        ValueError: for a side that is not 4 times a power of two.
    """

    def __init__(
        self,
        latent: int,
        size: Side,
        width: Width,
        skip_excitation: bool,
        upsampling: Literal["nearest", "bilinear"] = "nearest",
        noise: bool = False,
        classes: int = 0,
    ) -> None:
        super().__init__()
        doublings = count_doublings(size)
        self.latent = latent
        self.upsampling = upsampling
        sides = [START << power for power in range(doublings + 1)]
        channels = [max(1, _COARSE * width >> power // 2) for power in range(doublings + 1)]
        self.start = GatedBlock(nn.ConvTranspose2d(latent, 2 * channels[0], START, bias=False), channels[0], classes)
        self.blocks = nn.ModuleList()
        for power, (before, after) in enumerate(pairwise(channels)):
            inputs = [before, after] if power % 2 == 0 else [before]
            layers = [nn.Conv2d(entering, 2 * after, 3, padding=1, bias=False) for entering in inputs]
            self.blocks.append(nn.ModuleList(GatedBlock(layer, after, classes) for layer in layers))
        self.excitations = nn.ModuleDict()
        for side in sides if skip_excitation else ():
            if side >= _EXCITED_FROM:
                coarse, fine = channels[sides.index(side // 8)], channels[sides.index(side)]
                self.excitations[str(side)] = SkipExcitation(coarse, fine)
        self.last = normalise_spectrum(nn.Conv2d(channels[-1], 3, 3, padding=1))
        # drawn last, so that the other weights are the same with and without noise
        self.noises = nn.ModuleList(map(GridNoise, channels, sides[1:]) if noise else ())

    def forward(self, noise: Tensor) -> Tensor:
        """Pictures (B, 3, size, size) of noise (B, latent), or (B, latent + classes)."""
        noise, condition = noise[:, : self.latent], noise[:, self.latent :]
        sphere = F.normalize(noise, dim=1) * math.sqrt(self.latent)
        grid: Tensor = self.start(sphere[:, :, None, None], condition)
        grids = {grid.shape[-1]: grid}
        for n, block in enumerate(self.blocks):
            grid = F.interpolate(grid, scale_factor=2.0, mode=self.upsampling)
            if self.noises:
                grid = self.noises[n](grid)
            for layer in block:  # type: ignore[attr-defined]
                grid = layer(grid, condition)
            side = grid.shape[-1]
            if str(side) in self.excitations:
                grid = self.excitations[str(side)](grids[side // 8], grid)
            grids[side] = grid
        pictures: Tensor = self.last(grid)
        return pictures
