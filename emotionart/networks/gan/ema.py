"""Exponential moving average of a network's weights."""

from __future__ import annotations

import torch
from torch import nn


def ema_decay(images: float, halflife: float) -> float:
    """Decay of the average over `images` images, with a half-life of `halflife` images.

    For a half-life of 0, the decay is 0.
    """
    return float(0.5 ** (images / halflife)) if halflife else 0.0


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Moves `average` towards `network`: w <- decay w + (1 - decay) w', for weights and running statistics.

    Integer tensors, which are counts, are copied.
    """
    for old, new in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if old.is_floating_point():
            old.lerp_(new, 1 - decay)
        else:
            old.copy_(new)
