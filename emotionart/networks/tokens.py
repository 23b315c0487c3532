"""Outputs of layers as grids: those of a transformer's patches, too."""

from __future__ import annotations

import math

from torch import Tensor

_MOST_SPECIAL = 10
"""Special tokens that a transformer has at most: class and distillation tokens, and registers (RADIO: ten in all)."""


def special_tokens(count: int) -> int | None:
    """The number of special tokens among so many of a transformer: what is left of a square of patches.

    This holds for any transformer with at most two of them for each patch along a side, without asking for what each
    library calls its tokens; some networks (CaiT, XCiT) add them in later layers. None if too many are left.
    """
    special = count - math.isqrt(count) ** 2
    return special if count and special <= _MOST_SPECIAL else None


def channel_axis(features: Tensor) -> int | None:
    """The axis of a layer's channels; None for an output without positions.

    It is 1 for a grid (B, D, h, w), and the last one for a grid with channels last (B, h, h, D) or for the tokens
    (B, N, D) of a square picture.
    """
    if features.ndim == 4:
        last = _has_channels_last(features)
        return (3 if last else 1) if min(features.shape[1:3] if last else features.shape[2:]) > 1 else None
    if features.ndim == 3 and features.shape[1] >= 4:
        return None if special_tokens(features.shape[1]) is None else 2
    return None


def as_grid(features: Tensor) -> Tensor:
    """A layer's output as a grid (B, D, h, h), or a vector (B, D) as it is.

    Tokens (B, N, D) of square pictures become the grid of their patches, without the special tokens before them. Grids
    with channels last (B, h, h, D), as of Swin transformers, become grids with channels first.

    Raises:
        ValueError: for tokens that do not form a square grid, and for any other shape.
    """
    if features.ndim == 3:
        special = special_tokens(features.shape[1])
        if special is not None:
            side = math.isqrt(features.shape[1])
            return features[:, special:].mT.reshape(features.shape[0], features.shape[2], side, side)
    if features.ndim == 4:
        return features.permute(0, 3, 1, 2) if _has_channels_last(features) else features
    if features.ndim == 2:
        return features
    shape = tuple(features.shape)
    raise ValueError(f"an output of shape {shape} is neither a grid, nor tokens of square patches, nor a vector")


def _has_channels_last(features: Tensor) -> bool:
    return features.shape[1] == features.shape[2] != features.shape[3]
