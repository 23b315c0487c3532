"""The layers of a network: their outputs, and those of its feature pyramid."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from emotionart.errors import suggest

Layers = str | Sequence[str] | None
"""One or several layers by name, `PYRAMID`, or None for the last before pooling."""

PYRAMID = "pyramid"
"""Instead of a layer's name: the last grid at each of the strides 4 to 32."""

STRIDES = (4, 8, 16, 32)
"""Strides of the grids of a pyramid."""
_DEEPEST = 2  # maximum number of parts in a layer's name: stages and blocks, not convolutions inside a block


def choose_layers(network: nn.Module, layer: Layers, size: int) -> tuple[str, ...]:
    """The names of the selected layers; empty for the last grid, or a transformer's pooled tokens.

    Args:
        network: network for pictures (1, 3, size, size).
        layer: a name, several names, `PYRAMID`, or None. For a network without a pyramid, like most transformers,
            `PYRAMID` selects the last features.
        size: side of the pictures in pixels.
    """
    if layer is None:
        return ()
    if layer == PYRAMID:
        try:
            grids = tuple(find_layers(network.eval(), size))
        except ValueError:
            return ()
        return grids if len(grids) > 1 else ()  # a transformer's only grid is that of its patches
    return (layer,) if isinstance(layer, str) else tuple(layer)


def missing_layer(network: nn.Module, layer: str) -> ValueError:
    """The error for a layer that a network lacks, with the nearest names, or else its outermost parts."""
    names = [name for name, _ in network.named_modules() if name]
    near = suggest(layer, names) or [name for name in names if "." not in name]
    return ValueError(f"the network has no layer {layer!r}, but {', '.join(near)}")


@torch.no_grad()
def find_layers(network: nn.Module, size: int) -> list[str]:
    """Names of the last stage, or else layer, at each of the network's strides in `STRIDES`, from fine to coarse.

    Args:
        network: network for pictures (1, 3, size, size).
        size: side of the pictures in pixels.

    Raises:
        ValueError: for a network without such grids, or whose last features are tokens: grids before those, as of a
            stem of convolutions, know little of what the network knows.
    """
    parts = {
        name: part
        for name, part in network.named_modules()
        if name and name.count(".") < _DEEPEST and not isinstance(part, _BatchNorm | nn.AdaptiveAvgPool2d)
    }
    names: dict[int, str] = {}
    outputs = outputs_of(network, parts, torch.zeros(1, 3, size, size))
    last = outputs.pop("")
    if isinstance(last, Tensor) and last.ndim == 3:
        raise ValueError("the last features of this network are tokens, not a grid; name layers")
    for name, grid in outputs.items():
        if not (isinstance(grid, Tensor) and grid.ndim == 4 and grid.shape[2] == grid.shape[3] > 1):
            continue
        stride = 2 ** round(math.log2(size / grid.shape[2]))
        is_stage = any(True for _ in parts[name].children())
        if stride in STRIDES and (is_stage or not any(parts[names[stride]].children()) if stride in names else True):
            names[stride] = name
    if not names:
        raise ValueError("this network has no grids of the strides 4 to 32; name layers")
    return [names[stride] for stride in sorted(names)]


def outputs_of(network: nn.Module, layers: Collection[str], pictures: Tensor, stop: bool = False) -> dict[str, Any]:
    """Outputs of some layers of a network for pictures, by name, in the order of computation; last its own, as "".

    Args:
        network: the network.
        layers: names of modules; of one that is used several times, the last output is returned.
        pictures: (B, 3, H, W).
        stop: whether to end the pass as soon as every layer has an output, without the network's own.
    """
    outputs: dict[str, Any] = {}
    parts = {name: network.get_submodule(name) for name in layers}

    def note(name: str, output: Any) -> None:
        outputs[name] = output
        if stop and len(outputs) == len(parts):
            raise _CompleteError(outputs)

    try:
        outputs[""] = _run(network, parts, pictures, note)
    except _CompleteError as complete:
        if complete.outputs is not outputs:  # but those of a pass around this one
            raise
    return outputs


def every_output(network: nn.Module, part: nn.Module, pictures: Tensor) -> list[Any]:
    """All outputs of a part of a network in one pass: one for each time that it is used."""
    outputs: list[Any] = []
    _run(network, {"": part}, pictures, lambda _, output: outputs.append(output))
    return outputs


class _CompleteError(Exception):
    """Ends the pass that has all these outputs."""

    def __init__(self, outputs: dict[str, Any]) -> None:
        super().__init__()
        self.outputs = outputs


def _run(network: nn.Module, parts: Mapping[str, nn.Module], pictures: Tensor, note: Callable[[str, Any], None]) -> Any:
    """The features of a network for pictures; `note` gets the output of each part with its name."""

    def noting(name: str) -> Callable[[nn.Module, Any, Any], None]:
        return lambda part, inputs, output: note(name, output)

    handles = [part.register_forward_hook(noting(name)) for name, part in parts.items()]
    try:
        return getattr(network, "forward_features", network)(pictures)  # timm's method stops before the classifier
    finally:
        for handle in handles:
            handle.remove()


def drop_unused(network: nn.Module, used: Container[str], prefix: str = "") -> None:
    """Takes the parts out of a network of whose weights none is used, so that what reads its weights reads only those.

    Args:
        network: changed in place.
        used: names of the weights that are used.
        prefix: what comes before the network's own names in these.
    """
    for own, part in network.named_children():
        weights = [f"{prefix}{own}.{name}" for name, _ in part.named_parameters()]
        if weights and not any(name in used for name in weights):
            setattr(network, own, nn.Identity())
        else:
            drop_unused(part, used, f"{prefix}{own}.")


class HookedLayers(nn.Module):
    """A network run by its own modules, which can all be hooked, for the outputs of some layers.

    Args:
        network: the network.
        layers: names of modules.
        stop: whether to end each pass as soon as every layer has an output; each of them must be used once.
    """

    def __init__(self, network: nn.Module, layers: Sequence[str], stop: bool = False) -> None:
        super().__init__()
        self.network = network
        self.layers = tuple(layers)
        self.stop = stop

    def forward(self, pictures: Tensor) -> dict[str, Any]:
        """Outputs of the layers by name, as of torchvision's feature extractors."""
        return outputs_of(self.network, self.layers, pictures, self.stop)
