"""Maps from the gradients at a layer, for networks of any kind: one forward pass, and for each class a backward pass
through what comes after the layer.

captum's layer methods compute the same with a forward pass for each class.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn

from emotionart.errors import UserError, suggest
from emotionart.networks.normalise import NormalisePixels

_SHOWN = 12  # layers that a message names


class AtLayer(NamedTuple):
    """What happens at a layer.

    Attributes:
        activation: (B, C, h, w) of the layer.
        gradient: (B, T, C, h, w) of T logits of each picture with respect to it.
        logits: (B, K).
    """

    activation: Tensor
    gradient: Tensor
    logits: Tensor


def grad_cam(at: AtLayer) -> Tensor:
    """Grad-CAM (Selvaraju et al. 2017) without its ReLU, (B, T, h, w): channels weighed by their mean gradient."""
    weight = at.gradient.mean((3, 4), keepdim=True)
    return (weight * at.activation[:, None]).sum(2)


def hires_cam(at: AtLayer) -> Tensor:
    """HiResCAM (Draelos and Carin 2020), (B, T, h, w): gradient times activation, summed over channels.

    Where the layer is followed by a flattening and one linear layer, a map's sum plus the bias is the logit: each value
    is what its place contributes, which Grad-CAM's averaged gradients do not give.
    """
    return (at.gradient * at.activation[:, None]).sum(2)


def at_layer(network: nn.Module, layer: str, pictures: Tensor, targets: Tensor) -> AtLayer:
    """Activation and gradients at a layer whose output is a grid (B, C, h, w) or tokens (B, N, D).

    Args:
        network: in evaluation mode.
        layer: its name among the network's modules.
        pictures: (B, 3, H, W).
        targets: (B, T) classes.

    Raises:
        UserError: for a layer that does not exist, or has no places to show.
    """
    with _captured(find_layer(network, layer)) as caught:
        logits = network(pictures)
    output = caught.get("output")
    if output is None or _places(output) is None:
        shape = "no tensor" if output is None else f"an output of shape {tuple(output.shape)}"
        raise UserError(
            f"The layer {layer!r} has {shape}: a map needs a grid or tokens.",
            where=f"--layer {layer}",
            fix=f"one of {', '.join(mapped_layers(network, pictures[:1])[-_SHOWN:])}",
        )
    gradients = [
        torch.autograd.grad(logits.gather(1, targets[:, [place]]).sum(), output, retain_graph=True)[0]
        for place in range(targets.shape[1])
    ]
    return AtLayer(
        _as_grid(output.detach()), torch.stack([_as_grid(gradient) for gradient in gradients], 1), logits.detach()
    )


def find_layer(network: nn.Module, name: str) -> nn.Module:
    """The module of that name.

    Raises:
        UserError: with the nearest names, where there is none.
    """
    layers: dict[str, nn.Module] = dict(network.named_modules())
    if name not in layers or not name:
        found = suggest(name, layers) or [layer for layer in layers if name and name in layer]
        raise UserError(
            f"There is no layer {name!r}.",
            where=f"--layer {name}",
            suggestions=found[:_SHOWN],
            fix=None if found else f"one of {', '.join(list(layers)[-_SHOWN:])}",
        )
    return layers[name]


def mapped_layers(network: nn.Module, picture: Tensor) -> list[str]:
    """Names of the layers whose output has places to show and on whose places the logits depend, first to last.

    At the end of a vision transformer only the class token is looked at, so that its last layers tell of no place.

    Args:
        network: in evaluation mode.
        picture: (1, 3, H, W).
    """
    names = {
        module: name for name, module in network.named_modules() if name and not isinstance(module, NormalisePixels)
    }
    outputs: dict[str, Tensor] = {}

    def keep(module: nn.Module, given: object, output: object) -> None:
        if isinstance(output, Tensor) and _places(output) is not None and not isinstance(module, nn.Identity):
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
        if gradient is not None and _as_grid(gradient).abs().sum() > 0
    ]


@contextmanager
def _captured(layer: nn.Module) -> Iterator[dict[str, Tensor]]:
    """Makes the output of a layer a leaf, so that gradients end there."""
    caught: dict[str, Tensor] = {}

    def hook(module: nn.Module, given: object, output: object) -> Tensor | None:
        if not isinstance(output, Tensor):
            return None
        caught["output"] = output.detach().requires_grad_()
        # A copy goes on, since what follows may work in place.
        return caught["output"].clone()

    handle = layer.register_forward_hook(hook)
    try:
        yield caught
    finally:
        handle.remove()


def _places(output: Tensor) -> tuple[int, int] | None:
    """Height and width of a grid (B, C, h, w), or of tokens (B, N, D) that form a square after a few special ones."""
    if output.ndim == 4 and min(output.shape[2:]) > 1:
        return output.shape[2], output.shape[3]
    if output.ndim == 3 and output.shape[1] >= 4:
        side = math.isqrt(output.shape[1])
        return (side, side) if output.shape[1] - side**2 <= 5 else None
    return None


def _as_grid(output: Tensor) -> Tensor:
    """A grid as it is, or tokens without the special ones in front, (B, D, h, w)."""
    if output.ndim == 4:
        return output
    places = _places(output)
    assert places is not None
    side, _ = places
    grid: Tensor = output[:, -(side**2) :].transpose(1, 2)
    return grid.reshape(len(output), -1, side, side)
