"""Generators: fully connected and transposed convolutions (the study's two), and resize-convolutions.

All map noise (B, latent), or noise and one-hot classes (B, latent + classes), to pictures (B, 3, size, size) in -1..1.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from torch import Tensor, nn

from emotionart.ranges import Depth, Side, Width


class FullyConnectedGenerator(nn.Module):
    """Fully connected layers from the noise to all pixels of the picture.

    Args:
        latent: dimensions of the noise.
        size: side of the picture in pixels.
        depth: number of layers, three in the study.
        width: a sixteenth of the units of each hidden layer.
        classes: number of classes, one-hot after the noise; 0 for none.
    """

    def __init__(self, latent: int, size: Side, depth: Depth, width: Width, classes: int = 0) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        units = latent + classes
        for _ in range(depth - 1):
            layers += [nn.Linear(units, 16 * width), nn.LeakyReLU(0.2)]
            units = 16 * width
        self.latent = latent
        self.layers = nn.Sequential(
            *layers, nn.Linear(units, 3 * size * size), nn.Unflatten(1, (3, size, size)), nn.Tanh()
        )

    def forward(self, noise: Tensor) -> Tensor:
        """Pictures (B, 3, size, size) from noise (B, latent + classes)."""
        pictures: Tensor = self.layers(noise)
        return pictures


class ConvolutionalGenerator(nn.Module):
    """A fully connected layer to a small grid, followed by convolutions, each of which doubles the grid.

    The last convolution outputs the picture from `width` channels; towards the start, channels double with each
    convolution, up to sixteen times `width`.

    Args:
        latent: dimensions of the noise.
        size: side of the picture in pixels, a power of two.
        depth: number of doublings, three in the study; the grid starts at size / 2^depth.
        width: channels before the last convolution.
        kernel_size: side of the filters, at least 2.
        norm: "batch" for batch norm before each convolution, "none" for no normalisation.
        upsampling: "deconv" doubles by a transposed convolution of stride two; "resize" repeats each pixel and then
            convolves, which avoids checkerboard artefacts (Odena, Dumoulin and Olah 2016).
        classes: number of classes, one-hot after the noise; 0 for none.

    Raises:
        ValueError: if the initial grid would be smaller than 2 x 2.
    """

    def __init__(
        self,
        latent: int,
        size: Side,
        depth: Depth,
        width: Width,
        kernel_size: Annotated[int, Field(ge=2, le=255)],
        norm: Literal["batch", "none"],
        upsampling: Literal["deconv", "resize"],
        classes: int = 0,
    ) -> None:
        super().__init__()
        start = size >> depth
        if start < 2:
            raise ValueError(f"{size} pixels cannot be reached by doubling a grid of 2 x 2 or more {depth} times")
        channels = [width * min(2**power, 16) for power in range(depth - 1, -1, -1)]
        layers: list[nn.Module] = [
            nn.Linear(latent + classes, channels[0] * start * start),
            nn.Unflatten(1, (channels[0], start, start)),
        ]
        for before, after in zip(channels, [*channels[1:], 3], strict=True):
            layers += [*_norm(norm, before), nn.ReLU(), *_doubling(before, after, kernel_size, upsampling)]
        self.latent = latent
        self.layers = nn.Sequential(*layers, nn.Tanh())

    def forward(self, noise: Tensor) -> Tensor:
        """Pictures (B, 3, size, size) from noise (B, latent + classes)."""
        pictures: Tensor = self.layers(noise)
        return pictures


def _norm(norm: str, channels: int) -> list[nn.Module]:
    return [nn.BatchNorm2d(channels)] if norm == "batch" else []


def _doubling(before: int, after: int, kernel_size: int, upsampling: str) -> list[nn.Module]:
    """Layers that map (B, before, h, w) to (B, after, 2 h, 2 w)."""
    if upsampling == "resize":
        return [nn.Upsample(scale_factor=2), nn.Conv2d(before, after, kernel_size, padding="same")]
    # 2 (h - 1) - 2 padding + kernel_size + output_padding = 2 h
    padding, odd = divmod(kernel_size - 1, 2)
    return [nn.ConvTranspose2d(before, after, kernel_size, 2, padding, output_padding=1 - odd)]
