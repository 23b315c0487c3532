"""Networks as feature extractors: from pictures to a grid or a vector of features."""

from __future__ import annotations

import copy
import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import torch
import torchvision
from torch import Tensor, nn
from torch.fx import GraphModule
from torchvision.models.feature_extraction import create_feature_extractor, get_graph_node_names

from emotionart.networks.layers import HookedLayers, drop_unused, missing_layer
from emotionart.networks.pooling import Pool, pooling
from emotionart.networks.pretrained import image_text
from emotionart.networks.pretrained.libraries import Source
from emotionart.networks.tokens import as_grid

log = logging.getLogger(__name__)

_LAST_LAYERS = {
    torchvision.models.GoogLeNet: "inception5b",
    torchvision.models.Inception3: "Mixed_7c",
    torchvision.models.MNASNet: "layers",
    torchvision.models.MaxVit: "blocks",
    torchvision.models.RegNet: "trunk_output",
    torchvision.models.ShuffleNetV2: "conv5",
}
"""Layer with the last grid, for torchvision's networks that have neither `features` nor a ResNet's stages."""

_RESNET_STAGES = ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4")


class Backbone(nn.Module):
    """The part of a classification network before its classifier.

    Maps float pictures (B, 3, size, size) to a grid (B, C, h, w), or to a vector (B, D) if the network has no last grid
    (vision transformers, whose own pooling is used) or `pool` removes the spatial dimensions. A transformer's layer by
    name gives the grid of its patches. Features of several layers are computed in one pass and concatenated.

    Args:
        network: a network of torchvision, timm or open_clip.
        source: its library.
        layers: names of the layers whose outputs are taken; empty for the last before pooling.
        pool: pooling of each layer's output.

    Raises:
        ValueError: for a layer that does not exist, or a network whose last grid is unknown.
    """

    def __init__(self, network: nn.Module, source: Source, layers: Sequence[str], pool: Pool) -> None:
        super().__init__()
        self.layers = tuple(layers)
        self.reduce = pooling(pool)
        self.body = _at(network, self.layers) if layers else _last_grid(network, source)

    def forward(self, pictures: Tensor) -> Tensor:
        """Features (B, C, h, w) or (B, D) of pictures (B, 3, size, size)."""
        return torch.cat(self.by_layer(pictures), 1)

    def by_layer(self, pictures: Tensor) -> list[Tensor]:
        """Features of each layer, (B, C, h, w) or (B, D), of pictures (B, 3, size, size)."""
        features = self.body(pictures)
        return [self.reduce(part) for part in (features if len(self.layers) > 1 else [features])]

    @torch.inference_mode()
    def output_shapes(self, size: int) -> list[tuple[int, ...]]:
        """Shape of each layer's features of one picture with `size` pixels."""
        was_training = self.training
        shapes = [tuple(part.shape[1:]) for part in self.eval().by_layer(torch.zeros(1, 3, size, size))]
        self.train(was_training)
        return shapes

    def output_shape(self, size: int) -> tuple[int, ...]:
        """Shape of all layers' concatenated features of one picture with `size` pixels.

        Raises:
            ValueError: for grids of different sizes.
        """
        shapes = self.output_shapes(size)
        if len({shape[1:] for shape in shapes}) > 1:
            listing = ", ".join(f"{name} {shape}" for name, shape in zip(self.layers, shapes, strict=True))
            raise ValueError(f"features of different shapes cannot be put side by side: {listing}")
        return (sum(shape[0] for shape in shapes), *shapes[0][1:])


class _TimmFeatures(nn.Module):
    """The features of a timm network before its classifier; contains the network, so that both are copied together."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network: Any = network
        self.channels_last = getattr(network, "output_fmt", "NCHW") == "NHWC"

    def forward(self, pictures: Tensor) -> Tensor:
        features: Tensor = self.network.forward_features(pictures)
        if features.ndim == 3:  # tokens, pooled by the network's own method
            features = self.network.forward_head(features, pre_logits=True)
        elif self.channels_last:
            features = features.permute(0, 3, 1, 2)
        return features


class _Layers(nn.Module):
    """Outputs of named layers as grids or vectors: a tensor for one layer, a list for several.

    Args:
        extract: maps pictures to a dictionary of outputs.
        layers: names of the layers, in order.
    """

    def __init__(self, extract: nn.Module, layers: Sequence[str]) -> None:
        super().__init__()
        self.extract = extract
        self.layers = tuple(layers)

    def forward(self, pictures: Tensor) -> Tensor | list[Tensor]:
        outputs = self.extract(pictures)
        features = [self._as_grid(layer, outputs[layer], pictures.shape[0]) for layer in self.layers]
        return features if len(features) > 1 else features[0]

    def _as_grid(self, layer: str, output: Any, count: int) -> Tensor:
        try:
            if not isinstance(output, Tensor) or output.shape[0] != count:
                raise ValueError("the output is not one tensor for each picture")
            return as_grid(output)
        except ValueError as error:
            raise ValueError(f"layer {layer!r} has no features: {error}") from None


def by_modules(backbone: Backbone, network: nn.Module, size: int) -> Backbone:
    """A copy of a backbone, on the CPU, in which every layer is a module that can be hooked, with its own name.

    What torch.fx has traced runs only the innermost modules. The copy runs those of the network instead, if that gives
    the same features.

    Args:
        backbone: a backbone.
        network: its whole network, of which a copy is used.
        size: side of its pictures in pixels.
    """
    copied = copy.deepcopy(backbone).cpu()
    body = copied.body
    if isinstance(body, _Layers) and isinstance(body.extract, GraphModule):
        if set(body.layers) <= dict(network.named_modules()).keys():
            whole = copy.deepcopy(network).cpu().eval()
            drop_unused(whole, body.extract.state_dict().keys())
            extract = HookedLayers(whole, body.layers, stop=True)
            picture = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0))
            with torch.no_grad():
                traced, run = body.eval().extract(picture), extract(picture)
            if all(name in run and torch.allclose(run[name], traced[name]) for name in body.layers):
                copied.body = _Layers(extract, body.layers)
            else:
                log.info("run part by part, this network gives other features: its blocks are no layers to look at")
        return copied
    names = {part: name for name, part in network.named_children()}
    if backbone.body in names:
        copied.body = nn.Sequential(OrderedDict({names[backbone.body]: body}))
    elif type(body) is nn.Sequential:
        parts = enumerate(zip(backbone.body.children(), body, strict=True))
        copied.body = nn.Sequential(OrderedDict((names.get(part, str(index)), own) for index, (part, own) in parts))
    return copied


def layer_names(network: nn.Module) -> list[str]:
    """The layers whose output can be taken as features."""
    try:
        return list(get_graph_node_names(network)[1])
    except Exception:
        return [name for name, _ in network.named_modules() if name]


def _at(network: nn.Module, layers: Sequence[str]) -> nn.Module:
    names = layer_names(network)
    for layer in layers:
        if not any(name == layer or name.startswith(f"{layer}.") for name in names):
            raise missing_layer(network, layer)
    extract: nn.Module
    try:
        # Skips everything that no layer needs.
        extract = create_feature_extractor(network, {layer: layer for layer in layers})
    except Exception:  # torch.fx cannot trace every network, and fails with exceptions of many types
        extract = HookedLayers(network, layers)
    return _Layers(extract, layers)


def _last_grid(network: nn.Module, source: Source) -> nn.Module:
    if source == "open_clip":
        return image_text.ImageTower(network)
    if source == "timm":
        return _TimmFeatures(network)
    if isinstance(network, torchvision.models.DenseNet):
        return nn.Sequential(network.features, nn.ReLU())  # its own forward applies a functional ReLU
    if isinstance(network, torchvision.models.SwinTransformer):
        return nn.Sequential(network.features, network.norm, network.permute)  # from channels last to channels first
    if isinstance(getattr(network, "features", None), nn.Module):
        features: nn.Module = network.features  # type: ignore[assignment]
        return features
    if all(hasattr(network, stage) for stage in _RESNET_STAGES):
        return nn.Sequential(*(getattr(network, stage) for stage in _RESNET_STAGES))
    last = next((layer for kind, layer in _LAST_LAYERS.items() if isinstance(network, kind)), None)
    if last is not None:
        return _at(network, (last,))
    if hasattr(network, "heads"):  # a vision transformer, whose class token goes to the heads
        network.heads = nn.Identity()
        return network
    raise ValueError("the last grid of this network is not known; name a layer")
