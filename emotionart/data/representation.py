"""What a model eats: how an artwork's picture becomes the input of a network."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from emotionart.networks.normalise import NormalisePixels


@dataclass(frozen=True)
class Pixels:
    """Square pictures, normalised on the way into the network.

    Args:
        size: side in pixels.
        mean, std: of the channels red, green, blue, on the scale 0 to 1.
    """

    size: int
    mean: Sequence[float]
    std: Sequence[float]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of one network input: (channels, height, width)."""
        return (3, self.size, self.size)

    def first_layer(self) -> nn.Module:
        """The module that turns a batch of stored pictures (B, size, size, 3) into network inputs (B, *shape)."""
        return NormalisePixels(self.mean, self.std)
