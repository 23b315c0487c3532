"""The tensors of a network that its features depend on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import torch
from torch import nn

from emotionart.networks.backbone import Backbone
from emotionart.networks.layers import PYRAMID
from emotionart.networks.pretrained.libraries import Source, create_network


@lru_cache(maxsize=8)
def used_tensors(name: str, source: Source, layer: str | tuple[str, ...] | None) -> Mapping[str, bool]:
    """Tensor of a network -> whether the features of one or several layers depend on it.

    Args:
        name, source: name and library of the network.
        layer: one or several layers; None and `PYRAMID` mean the last before pooling.

    Raises:
        ValueError: as for `Backbone`.
    """
    with torch.device("meta"):
        network: Any = create_network(name, source)
    tensors = [*network.named_parameters(remove_duplicate=False), *network.named_buffers(remove_duplicate=False)]
    names = list(network.state_dict())
    classifier = network.get_classifier() if source == "timm" else None  # part of timm's features, but unused
    layers = () if layer in (None, PYRAMID) else (layer,) if isinstance(layer, str) else layer or ()
    body = Backbone(network, source, layers, "grid")
    used = {id(tensor) for tensor in (*body.parameters(), *body.buffers())}
    if isinstance(classifier, nn.Module):
        used -= {id(tensor) for tensor in (*classifier.parameters(), *classifier.buffers())}
    of_features = {key: id(tensor) in used for key, tensor in tensors}
    return {key: of_features[key] for key in names}
