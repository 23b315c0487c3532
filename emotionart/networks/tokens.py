"""A transformer's tokens as the grid of its patches."""

from __future__ import annotations

import math

import torchvision
from torch import Tensor, nn


def prefix_tokens(network: nn.Module) -> int:
    """The number of class, distillation and register tokens before the tokens of a transformer's patches."""
    if isinstance(network, torchvision.models.VisionTransformer):
        return 1
    return int(getattr(network, "num_prefix_tokens", 0))


def as_grid(features: Tensor, prefix: int) -> Tensor:
    """A layer's output as a grid (B, D, h, h), or a vector (B, D) as it is.

    Tokens (B, N, D) of square pictures become the grid of their patches, without the tokens before them. Grids with
    channels last (B, h, h, D), as of Swin transformers, become grids with channels first.

    Args:
        features: output of a layer.
        prefix: number of tokens before those of the patches; some networks (CaiT, XCiT) add them in later layers.

    Raises:
        ValueError: for tokens that do not form a square grid, and for any other shape.
    """
    shape = tuple(features.shape)
    if features.ndim == 3:
        for patches in (shape[1] - prefix, shape[1]):
            side = math.isqrt(max(patches, 0))
            if side and side**2 == patches:
                return features[:, shape[1] - patches :].mT.reshape(shape[0], shape[2], side, side)
    if features.ndim == 4:
        channels_last = shape[1] == shape[2] != shape[3]
        return features.permute(0, 3, 1, 2) if channels_last else features
    if features.ndim == 2:
        return features
    raise ValueError(f"an output of shape {shape} is neither a grid, nor tokens of square patches, nor a vector")
