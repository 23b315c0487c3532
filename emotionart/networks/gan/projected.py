"""A discriminator on the features of a frozen, pretrained network (Projected GANs: Sauer et al. 2021)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm as normalise_spectrum

from emotionart.networks.gan.pyramid import FeaturePyramid, Origin
from emotionart.ranges import Side, Width

_OUTPUT_SIDE = 3  # side in cells of each head's output, a grid of 3 x 3 logits
_LARGEST = 6  # maximum side in cells before a head's last convolution
_PIXEL_CHANNELS = (32, 64, 128, 256)  # channels of the convolutions on the picture itself


class ProjectedDiscriminator(nn.Module):
    """A small spectral-norm head for each scale of a frozen pyramid, and one for the picture's own pixels.

    Batch norm uses each batch's own statistics, also in evaluation, since real and generated pictures come in separate
    batches. Logits are (B, P), one for each position of each head.

    Args:
        size: side of the picture in pixels.
        backbone: builds the pyramid; called with the channels of the mixed grids.
        channels: channels of the mixed grids, from fine to coarse.
        width: channels of each head.
        pixels: whether to add a head with four convolutions on the picture itself.

    Raises:
        ValueError: if the picture is too small for them.
    """

    def __init__(
        self,
        size: Side,
        backbone: Callable[..., FeaturePyramid],
        channels: Sequence[int],
        width: Width,
        pixels: bool,
    ) -> None:
        super().__init__()
        self.pyramid = backbone(channels=channels)
        self.heads = nn.ModuleList(
            _head(entering, side, width)
            for entering, side in zip(self.pyramid.channels, self.pyramid.sides, strict=True)
        )
        self.pixels = _pixel_head(size, width) if pixels else None
        self.head = normalise_spectrum(nn.Linear(width, 1))

    @property
    def origin(self) -> Origin:
        """Where the frozen network's weights come from."""
        return self.pyramid.origin

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits (B, P) of pictures (B, 3, size, size) in -1..1."""
        logits: Tensor = self.head(self.features(pictures)).squeeze(-1)
        return logits

    def features(self, pictures: Tensor) -> Tensor:
        """(B, P, width) input of the last layer."""
        grids = [head(grid) for head, grid in zip(self.heads, self.pyramid(pictures), strict=True)]
        if self.pixels is not None:
            grids.append(self.pixels(pictures))
        return torch.cat([grid.flatten(2) for grid in grids], 2).transpose(1, 2)

    def calibrate(self, pictures: Tensor) -> None:
        """Calibrates the scales of the heads' inputs on real pictures (n, 3, size, size) in -1..1."""
        self.pyramid.calibrate(pictures)


def _head(entering: int, side: int, width: int) -> nn.Sequential:
    """Layers from a grid (B, entering, side, side) to (B, width, 3, 3), or smaller if `side` is below 3."""
    layers: list[nn.Module] = []
    while side > _LARGEST:
        layers += [_convolution(entering, width, 4, 2), nn.BatchNorm2d(width, track_running_stats=False), _leaky()]
        entering, side = width, side // 2
    return nn.Sequential(*layers, _convolution(entering, width, max(side - _OUTPUT_SIDE + 1, 1)), _leaky())


def _pixel_head(size: int, width: int) -> nn.Sequential:
    """Layers from pictures (B, 3, size, size) to a grid (B, width, 3, 3), or smaller if `size` is below 48."""
    side = size >> len(_PIXEL_CHANNELS)
    if side < 1:
        raise ValueError(f"{size} pixels cannot be halved {len(_PIXEL_CHANNELS)} times: take pixels=false")
    layers: list[nn.Module] = []
    for entering, after in zip((3, *_PIXEL_CHANNELS), _PIXEL_CHANNELS, strict=False):
        layers += [_convolution(entering, after, 4, 2), _leaky()]
    while side > _LARGEST:
        layers += [_convolution(_PIXEL_CHANNELS[-1], _PIXEL_CHANNELS[-1], 4, 2), _leaky()]
        side //= 2
    return nn.Sequential(*layers, _convolution(_PIXEL_CHANNELS[-1], width, max(side - _OUTPUT_SIDE + 1, 1)), _leaky())


def _convolution(before: int, after: int, side: int, stride: int = 1) -> nn.Module:
    """A convolution with spectral norm: stride 2 halves the grid, stride 1 has no padding."""
    return normalise_spectrum(nn.Conv2d(before, after, side, stride, padding=stride // 2))


def _leaky() -> nn.Module:
    return nn.LeakyReLU(0.2)
