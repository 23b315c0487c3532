"""The weights of a network by layer, for learning rates that differ between layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from timm.models import group_parameters
from torch import nn
from torchvision.models.vision_transformer import Encoder

_SEQUENCES = (nn.Sequential, nn.ModuleList, nn.ModuleDict, Encoder)


def weights_by_layer(network: nn.Module) -> list[list[nn.Parameter]]:
    """The weights of each layer, from the input to the output.

    timm's networks define their groups of weights, usually one per block. In other networks, a layer is an item of a
    sequence: a block, or a convolution with the normalisation after it. Class tokens and position embeddings belong to
    the first layer.
    """
    of_timm: Any = network
    if hasattr(network, "group_matcher"):
        layer_of = group_parameters(network, of_timm.group_matcher(coarse=False), reverse=True)
        layers: dict[int, list[nn.Parameter]] = {layer: [] for layer in sorted(set(layer_of.values()))}
        for name, weight in network.named_parameters():
            layers[layer_of[name]].append(weight)
        return list(layers.values())
    by_layer: list[list[nn.Parameter]] = [[]]
    for part in _parts(network):
        weights = list(part.parameters())
        if by_layer[-1] and any(weight.ndim > 1 for weight in weights):
            by_layer.append([])
        by_layer[-1] += weights
    assigned = {id(weight) for layer in by_layer for weight in layer}
    by_layer[0] = [*(weight for weight in network.parameters() if id(weight) not in assigned), *by_layer[0]]
    return by_layer


def _parts(network: nn.Module) -> Iterator[nn.Module]:
    for part in network.children():
        if isinstance(part, _SEQUENCES):
            yield from _parts(part)
        else:
            yield part
