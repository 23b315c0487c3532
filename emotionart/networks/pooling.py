"""Pooling of a grid of features to a vector."""

from typing import Literal

import torch
from torch import Tensor, nn

Pool = Literal["mean", "mean+std", "grid"]
"""Pooling of a layer: mean over space, mean and standard deviation, or none."""
_LEAST_VARIANCE = 1e-12  # smaller variances are clamped, as the gradient of the deviation is infinite at 0


class MeanOverSpace(nn.Module):
    """Global average pooling: a grid (B, C, h, w) becomes (B, C); a vector (B, C) is unchanged."""

    def forward(self, features: Tensor) -> Tensor:
        """Features (B, C)."""
        return features.mean((2, 3)) if features.ndim == 4 else features


class MomentsOverSpace(nn.Module):
    """Mean and standard deviation over space: a grid (B, C, h, w) becomes (B, 2 C); a vector (B, C) is unchanged.

    The deviation distinguishes a faint texture everywhere from an object in one place.
    """

    def forward(self, features: Tensor) -> Tensor:
        """Features (B, 2 C): means, then deviations."""
        if features.ndim == 2:
            return features
        variance, mean = torch.var_mean(features, (2, 3), correction=0)
        return torch.cat([mean, variance.clamp_min(_LEAST_VARIANCE).sqrt()], 1)


def as_pool(pool: Pool | bool) -> Pool:
    """The pooling that a setting means: True and False are those of earlier versions, "mean" and "grid"."""
    return pool if isinstance(pool, str) else "mean" if pool else "grid"


def pooling(pool: Pool) -> nn.Module:
    """The pooling module of this name."""
    if pool == "grid":
        return nn.Identity()
    return MeanOverSpace() if pool == "mean" else MomentsOverSpace()
