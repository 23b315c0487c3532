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

    timm says which weights of its networks belong together, usually a block's. In other networks, a layer is an item
    of a sequence: a block, or a convolution with the normalisation after it. Class tokens and position embeddings
    belong to the first layer.
    """
    of_timm: Any = network
    if hasattr(network, "group_matcher"):
        layer_of = group_parameters(network, of_timm.group_matcher(coarse=False), reverse=True)
        layers: dict[int, list[nn.Parameter]] = {layer: [] for layer in sorted(set(layer_of.values()))}
        for name, weight in network.named_parameters():
            layers[layer_of[name]].append(weight)
        return list(layers.values())
    found: list[list[nn.Parameter]] = [[]]
    for part in _parts(network):
        weights = list(part.parameters())
        if found[-1] and any(weight.ndim > 1 for weight in weights):
            found.append([])
        found[-1] += weights
    known = {id(weight) for layer in found for weight in layer}
    found[0] = [*(weight for weight in network.parameters() if id(weight) not in known), *found[0]]
    return found


def _parts(network: nn.Module) -> Iterator[nn.Module]:
    for part in network.children():
        if isinstance(part, _SEQUENCES):
            yield from _parts(part)
        else:
            yield part
