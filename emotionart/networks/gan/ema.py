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
    """Moves `average` towards `network`: w <- decay w + (1 - decay) w', for weights and running means and variances.

    Other buffers are copied: counts, and the singular vectors of spectral norm. An average of unit vectors that turn is
    shorter than 1, so that the singular value would be underestimated and the layer's output too large.
    """
    weights = {name for name, _ in average.named_parameters()}
    current = network.state_dict()
    for name, old in average.state_dict().items():
        if name in weights or name.endswith(("running_mean", "running_var")):
            old.lerp_(current[name], 1 - decay)
        else:
            old.copy_(current[name])
