"""Maps from gradients at a layer, for any network.

They take one forward pass, and one backward pass per class through the layers after it; captum's layer methods compute
the same with one forward pass per class.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn

from emotionart.errors import UserError, suggest
from emotionart.networks.normalise import NormalisePixels
from emotionart.networks.tokens import as_grid, channel_axis

_SHOWN = 12  # maximum number of layers that a message names


class AtLayer(NamedTuple):
    """Activation and gradients at a layer.

    Attributes:
        activation: (B, C, h, w) output of the layer.
        gradient: (B, T, C, h, w) gradient of T logits of each picture with respect to it.
        logits: (B, K) logits.
    """

    activation: Tensor
    gradient: Tensor
    logits: Tensor


def grad_cam(at: AtLayer) -> Tensor:
    """(B, T, h, w): Grad-CAM (Selvaraju et al. 2017) without its ReLU, channels weighted by their mean gradients."""
    weight = at.gradient.mean((3, 4), keepdim=True)
    return (weight * at.activation[:, None]).sum(2)


def hires_cam(at: AtLayer) -> Tensor:
    """(B, T, h, w): HiResCAM (Draelos and Carin 2020), gradient times activation, summed over channels.

    If only flattening and one linear layer follow, a map's sum plus the bias is the logit, so each value is its cell's
    contribution. This does not hold for Grad-CAM's averaged gradients.
    """
    return (at.gradient * at.activation[:, None]).sum(2)


def at_layer(network: nn.Module, layer: str, pictures: Tensor, targets: Tensor) -> AtLayer:
    """Activation and gradients at a layer whose output is a grid (B, C, h, w) or tokens (B, N, D).

    Args:
        network: network in evaluation mode.
        layer: name of the layer among the network's modules.
        pictures: (B, 3, H, W) in 0..1.
        targets: (B, T) classes.

    Raises:
        UserError: for a layer that does not exist or has no spatial output.
    """
    with captured(find_layer(network, layer)) as caught:
        logits = network(pictures)
    output = caught.get("output")
    if output is None or channel_axis(output) is None:
        raise no_places(network, layer, pictures[:1], output)
    gradients = [
        torch.autograd.grad(logits.gather(1, targets[:, [index]]).sum(), output, retain_graph=True)[0]
        for index in range(targets.shape[1])
    ]
    return AtLayer(
        as_grid(output.detach()), torch.stack([as_grid(gradient) for gradient in gradients], 1), logits.detach()
    )


def no_places(network: nn.Module, layer: str, picture: Tensor, output: Tensor | None) -> UserError:
    """The error for a layer whose output (None if it has none) is neither a grid nor tokens."""
    shape = "no tensor as its output" if output is None else f"an output of shape {tuple(output.shape)}"
    layers = mapped_layers(network, picture)
    near = suggest(layer, layers)
    return UserError(
        f"The layer {layer!r} has {shape}, which has no positions: that takes a grid or tokens.",
        where=f"--layer {layer}",
        suggestions=near,
        fix=None if near else f"one of {', '.join(layers[-_SHOWN:])}",
    )


def find_layer(network: nn.Module, name: str) -> nn.Module:
    """The module with this name, or the only one whose name ends in it (`features.7` for `trunk.features.7`).

    Raises:
        UserError: if there is none; it suggests the nearest names.
    """
    layers: dict[str, nn.Module] = dict(network.named_modules())
    ending = [layer for layer in layers if layer.endswith(f".{name}")]
    if name not in layers and len(ending) == 1:
        name = ending[0]
    if name not in layers or not name:
        suggestions = suggest(name, layers) or [layer for layer in layers if name and name in layer]
        raise UserError(
            f"There is no layer {name!r}.",
            where=f"--layer {name}",
            suggestions=suggestions[:_SHOWN],
            fix=None if suggestions else f"one of {', '.join(list(layers)[-_SHOWN:])}",
        )
    return layers[name]


def mapped_layers(network: nn.Module, picture: Tensor) -> list[str]:
    """Names of the layers with a spatial output on which the logits depend, first to last.

    At the end of a vision transformer only the class token is used, so its last layers are not included.

    Args:
        network: network in evaluation mode.
        picture: (1, 3, H, W) in 0..1.
    """
    names = {
        module: name for name, module in network.named_modules() if name and not isinstance(module, NormalisePixels)
    }
    outputs: dict[str, Tensor] = {}

    def keep(module: nn.Module, inputs: object, output: object) -> None:
        if isinstance(output, Tensor) and channel_axis(output) is not None and not isinstance(module, nn.Identity):
            outputs[names[module]] = output

    handles = [module.register_forward_hook(keep) for module in names]
    try:
        logits = network(picture.detach().requires_grad_())
    finally:
        for handle in handles:
            handle.remove()
    if not outputs:
        return []
    gradients = torch.autograd.grad(logits.sum(), list(outputs.values()), allow_unused=True)
    return [
        name
        for name, gradient in zip(outputs, gradients, strict=True)
        if gradient is not None and as_grid(gradient).abs().sum() > 0
    ]


@contextmanager
def captured(layer: nn.Module) -> Iterator[dict[str, Tensor]]:
    """Context that captures a layer's output as a leaf tensor, so that gradients end there."""
    caught: dict[str, Tensor] = {}

    def hook(module: nn.Module, inputs: object, output: object) -> Tensor | None:
        if not isinstance(output, Tensor):
            return None
        caught["output"] = output.detach().requires_grad_()
        # A copy is passed on, since later layers may work in place.
        return caught["output"].clone()

    handle = layer.register_forward_hook(hook)
    try:
        yield caught
    finally:
        handle.remove()
