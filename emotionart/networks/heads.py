"""Heads trained on stored features."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from emotionart.networks.input_transform import InputTransform
from emotionart.networks.shallow import fully_connected
from emotionart.ranges import Share, Width

_ROUNDING = 1e-6  # rounding error relative to a feature's size


class Standardise(InputTransform):
    """Subtracts the mean and divides by the standard deviation of each feature, or of each channel of a grid.

    The statistics of the training split are stored with the weights. A constant feature is not divided, as its
    deviation is only rounding error.

    Args:
        mean, std: (C,) mean and standard deviation of each feature or channel.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        varies = std > _ROUNDING * (1 + mean.abs())
        self.register_buffer("std", torch.where(varies, std, torch.ones_like(std)))

    @classmethod
    def of(cls, features: Tensor) -> Standardise:
        """The standardisation with the statistics of features (n, C) or (n, C, h, w)."""
        deviation, mean = torch.std_mean(features, [0, *range(2, features.ndim)], correction=0)
        return cls(mean, deviation)

    def forward(self, features: Tensor) -> Tensor:
        """Standardised features of the same shape, (B, C) or (B, C, h, w)."""
        shape = (1, -1) + (1,) * (features.ndim - 2)
        standardised: Tensor = (features - self.mean.view(shape)) / self.std.view(shape)
        return standardised


class FullyConnectedHead(nn.Module):
    """Fully connected layers on a vector or a flattened grid.

    Maps features (B, *in_shape) to logits (B, num_classes).

    Args:
        in_shape: (D,) or (C, h, w).
        num_classes: number of logits.
        hidden: sizes of the hidden layers.
        dropout: dropout probability before each layer.
    """

    def __init__(self, in_shape: tuple[int, ...], num_classes: int, hidden: Sequence[Width], dropout: Share) -> None:
        super().__init__()
        self.layers = fully_connected(math.prod(in_shape), hidden, num_classes, dropout)

    def forward(self, features: Tensor) -> Tensor:
        """Logits (B, num_classes) of features (B, *in_shape)."""
        logits: Tensor = self.layers(torch.flatten(features, 1))
        return logits
