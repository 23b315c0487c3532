"""From a grid of features, or the tokens of a transformer, to a vector."""

from typing import Literal

import torch
from torch import Tensor, nn

Pool = Literal["mean", "mean+std", "grid"]
"""What is kept of a layer: its mean over space, its mean and standard deviation, or all places."""

_LEAST_VARIANCE = 1e-12  # below which a deviation has no gradient, which would be infinite at 0


class MeanOverSpace(nn.Module):
    """Global average pooling: a grid (B, C, h, w) becomes (B, C); a vector (B, C) stays as it is."""

    def forward(self, features: Tensor) -> Tensor:
        """Features (B, C)."""
        return features.mean((2, 3)) if features.ndim == 4 else features


class MomentsOverSpace(nn.Module):
    """Mean and standard deviation over space: a grid (B, C, h, w) becomes (B, 2 C), tokens (B, N, D) become (B, 2 D).

    The deviation tells a texture that is everywhere a little from an object that is in one place. A vector (B, C) stays
    as it is.
    """

    def forward(self, features: Tensor) -> Tensor:
        """Means, then deviations."""
        if features.ndim == 2:
            return features
        places = (2, 3) if features.ndim == 4 else (1,)
        variance, mean = torch.var_mean(features, places, correction=0)
        return torch.cat([mean, variance.clamp_min(_LEAST_VARIANCE).sqrt()], 1)


def pooling(pool: Pool) -> nn.Module:
    """The module that keeps of a layer what `pool` names."""
    if pool == "grid":
        return nn.Identity()
    return MeanOverSpace() if pool == "mean" else MomentsOverSpace()
