"""Exponential moving average of a network's weights."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils import parametrize


def ema_decay(images: float, halflife: float) -> float:
    """Decay of the average over `images` images, with a half-life of `halflife` images.

    For a half-life of 0, the decay is 0.
    """
    return float(0.5 ** (images / halflife)) if halflife else 0.0


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Moves `average` towards `network`: w <- decay w + (1 - decay) w', for weights and running statistics.

    Integer tensors, which are counts, are copied. Layers with spectral norm are divided by the largest singular value
    of their own averaged weights.
    """
    for old, new in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if old.is_floating_point():
            old.lerp_(new, 1 - decay)
        else:
            old.copy_(new)
    _iterate_spectral_norms(average)


def _iterate_spectral_norms(network: nn.Module) -> None:
    """A step of power iteration for each layer with spectral norm; torch takes it where it computes a training weight.

    The mean of singular vectors, which turn in training, is shorter than they are. Without a step, the norm would be
    underestimated, and the layer several times too strong.
    """
    for layer in network.modules():
        if not parametrize.is_parametrized(layer):
            continue
        for name, parametrizations in layer.parametrizations.items():  # type: ignore[union-attr, operator]
            was = parametrizations.training
            parametrizations.train()
            with torch.autocast(parametrizations.original.device.type, enabled=False):
                getattr(layer, name)
            parametrizations.train(was)
