"""Sanity checks: changes of a map when the picture or the network changes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import rankdata
from torch import Tensor, nn

Array = NDArray[np.float64]
MapFunction = Callable[[Tensor], Tensor]
"""Maps pictures (n, 3, H, W) to the map of one class of each, (n, h, w)."""
_MOST_STAGES = 12  # maximum number of stages of randomisation


def similarity(one: Tensor, other: Tensor) -> Array:
    """(n,) Spearman's rank correlation of each pair of maps (n, h, w); 0 if a map is flat."""
    left, right = (rankdata(maps.flatten(1).double().cpu().numpy(), axis=1) for maps in (one, other))
    left, right = (ranks - ranks.mean(axis=1, keepdims=True) for ranks in (left, right))
    norm = np.sqrt((left**2).sum(axis=1) * (right**2).sum(axis=1))
    correlation: Array = np.divide((left * right).sum(axis=1), norm, out=np.zeros(len(norm)), where=norm > 0)
    return correlation


def stability(maps: MapFunction, pictures: Tensor, noise: float, draws: int, seed: int) -> Array:
    """(n,) mean rank correlation of the maps of pictures with those of the same pictures under noise.

    Args:
        maps: the map function.
        pictures: (n, 3, H, W) in 0..1.
        noise: standard deviation of the noise relative to the pixels' range.
        draws: number of draws of the noise per picture.
        seed: seed of the noise.
    """
    generator = torch.Generator().manual_seed(seed)
    clean = maps(pictures)
    correlations = []
    for _ in range(draws):
        grain = torch.randn(pictures.shape, generator=generator).to(pictures)
        correlations.append(similarity(clean, maps((pictures + noise * grain).clamp(0, 1))))
    mean: Array = np.mean(correlations, axis=0)
    return mean


def randomised(network: nn.Module, seed: int) -> Iterator[tuple[str, nn.Module]]:
    """Cascading randomisation of a copy of a network's weights, layer by layer from the top (Adebayo et al. 2018).

    Yields the name of the lowest randomised layer, and the copy, which later steps change further. With more than
    twelve layers, several are randomised at a time. A layer is reinitialised by its own class, or else its weights are
    permuted.
    """
    changed = copy.deepcopy(network)
    layers = _weighted(changed)
    at_once = -(-len(layers) // _MOST_STAGES)
    for index, (name, part) in enumerate(reversed(layers), 1):
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed + index)
            _initialise(part)
        if index % at_once == 0 or index == len(layers):
            yield name, changed


def stages(network: nn.Module) -> int:
    """How many pairs `randomised` yields."""
    layers = len(_weighted(network))
    return -(-layers // -(-layers // _MOST_STAGES)) if layers else 0


def _weighted(network: nn.Module) -> list[tuple[str, nn.Module]]:
    return [(name, part) for name, part in network.named_modules() if any(True for _ in part.parameters(recurse=False))]


def _initialise(layer: nn.Module) -> None:
    reset = getattr(layer, "reset_parameters", None)
    if callable(reset):
        reset()
        return
    for weight in layer.parameters(recurse=False):
        weight.copy_(weight.flatten()[torch.randperm(weight.numel()).to(weight.device)].view(weight.shape))
