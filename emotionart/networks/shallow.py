"""The study's shallow networks: two convolutions with max pooling, then fully connected layers."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from torch import Tensor, nn

from emotionart.networks.pooling import MeanOverSpace
from emotionart.ranges import Kernel, Share, Width


def conv_trunk(in_channels: int, channels: Sequence[int], kernel_size: int) -> nn.Sequential:
    """Convolution, ReLU and 2 x 2 max pooling for each entry of `channels`.

    Maps (B, in_channels, H, W) to (B, channels[-1], H / 2^n, W / 2^n), n = len(channels), rounded down.
    """
    layers: list[nn.Module] = []
    for width in channels:
        layers += [nn.Conv2d(in_channels, width, kernel_size, padding="same"), nn.ReLU(), nn.MaxPool2d(2)]
        in_channels = width
    return nn.Sequential(*layers)


def fully_connected(in_features: int, hidden: Sequence[int], out_features: int, dropout: float) -> nn.Sequential:
    """Dropout, linear layer and ReLU for each size in `hidden`, then dropout and a linear layer to `out_features`.

    Maps (B, in_features) to (B, out_features).
    """
    layers: list[nn.Module] = []
    for width in hidden:
        layers += [nn.Dropout(dropout), nn.Linear(in_features, width), nn.ReLU()]
        in_features = width
    return nn.Sequential(*layers, nn.Dropout(dropout), nn.Linear(in_features, out_features))


class ShallowNet(nn.Module):
    """A convolutional trunk, and fully connected layers on its grid, flattened or averaged over space.

    Maps float pictures (B, *in_shape) to logits (B, num_classes).

    Args:
        in_shape: (channels, height, width) of the input.
        num_classes: number of logits.
        channels: output channels of each convolution.
        kernel_size: side of the convolutions' filters.
        hidden: sizes of the hidden fully connected layers.
        dropout: dropout probability before each fully connected layer.
        pool: whether the grid is averaged over space; without hidden layers, this gives a true class activation map.

    Raises:
        ValueError: if the picture is too small to be halved once for each convolution.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        num_classes: int,
        channels: Annotated[Sequence[Width], Field(min_length=1)],
        kernel_size: Kernel,
        hidden: Sequence[Width],
        dropout: Share,
        pool: bool = False,
    ) -> None:
        super().__init__()
        in_channels, height, width = in_shape
        shrink = 2 ** len(channels)
        if min(height, width) < shrink:
            raise ValueError(f"{height} x {width} pixels cannot be halved {len(channels)} times")
        self.trunk = conv_trunk(in_channels, channels, kernel_size)
        cells = 1 if pool else (height // shrink) * (width // shrink)
        self.reduce = MeanOverSpace() if pool else nn.Flatten()
        self.head = fully_connected(channels[-1] * cells, hidden, num_classes, dropout)

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits (B, num_classes) of pictures (B, *in_shape)."""
        logits: Tensor = self.head(self.reduce(self.trunk(pictures)))
        return logits
