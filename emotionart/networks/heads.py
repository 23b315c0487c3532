"""What is trained on top of stored features."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from emotionart.networks.shallow import fully_connected
from emotionart.ranges import Share, Width

_ROUNDING = 1e-6  # of a feature's size


class Standardise(nn.Module):
    """Subtracts a mean and divides by a standard deviation, feature by feature; of a grid, channel by channel.

    The statistics are those of the training split; they are kept with the weights. A feature that does not vary is not
    divided: what is left of it is rounding.

    Args:
        mean, std: of each feature or channel, (C,).
    """

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        varies = std > _ROUNDING * (1 + mean.abs())
        self.register_buffer("std", torch.where(varies, std, torch.ones_like(std)))

    def forward(self, features: Tensor) -> Tensor:
        """Standardised features, of the shape (B, C) or (B, C, h, w) that they are given in."""
        shape = (1, -1) + (1,) * (features.ndim - 2)
        standardised: Tensor = (features - self.mean.view(shape)) / self.std.view(shape)
        return standardised


class FullyConnectedHead(nn.Module):
    """Fully connected layers on a vector, or on a grid that is flattened.

    Maps features (B, *in_shape) to logits (B, num_classes).

    Args:
        in_shape: (D,) or (C, h, w).
        num_classes: number of logits.
        hidden: sizes of the layers before the last.
        dropout: probability, before each layer.
    """

    def __init__(self, in_shape: tuple[int, ...], num_classes: int, hidden: Sequence[Width], dropout: Share) -> None:
        super().__init__()
        self.layers = fully_connected(math.prod(in_shape), hidden, num_classes, dropout)

    def forward(self, features: Tensor) -> Tensor:
        """Logits (B, num_classes) of features (B, *in_shape)."""
        logits: Tensor = self.layers(torch.flatten(features, 1))
        return logits
