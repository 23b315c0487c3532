"""A common interface to all attribution methods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from emotionart.attribution.cam import class_activation_maps, pooled_head
from emotionart.attribution.gradient import at_layer, find_layer, grad_cam, hires_cam, mapped_layers
from emotionart.attribution.integrated import integrated_gradients
from emotionart.attribution.network import PictureNetwork, undisturbed
from emotionart.errors import UserError

Method = Literal["cam", "gradcam", "hirescam", "integrated"]
METHODS: tuple[Method, ...] = get_args(Method)

_BATCH = 16


@dataclass(frozen=True)
class Mapper:
    """Computes maps of pictures without changing the network.

    Attributes:
        network: network to explain.
        method: one of `METHODS`.
        layer: layer at which maps are computed; None for integrated gradients, which are computed at the pixels.
    """

    network: PictureNetwork
    method: Method
    layer: str | None

    def maps(self, pictures: Tensor, targets: Tensor) -> Tensor:
        """Signed maps (n, T, h, w) at the layer's resolution.

        Args:
            pictures: (n, 3, H, W) in 0..1.
            targets: (n, T) classes.
        """
        with undisturbed(self.network):
            compute = self._function(pictures[:1])
            maps = [
                compute(pictures[start : start + _BATCH], targets[start : start + _BATCH])
                for start in range(0, len(pictures), _BATCH)
            ]
        return torch.cat(maps)

    def _function(self, picture: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
        network = self.network
        if self.method == "cam":
            with torch.no_grad():
                head = pooled_head(network.head, tuple(network.features(picture).shape[1:]))
            if head is None:
                raise no_cam()

            @torch.no_grad()
            def cam(pictures: Tensor, targets: Tensor) -> Tensor:
                every = class_activation_maps(network.features(pictures), head.weight)
                return every.gather(1, targets[:, :, None, None].expand(-1, -1, *every.shape[2:]))

            return cam
        if self.method == "integrated":
            baseline = data_mean(network).expand(picture.shape[1:])
            return lambda pictures, targets: integrated_gradients(network, pictures, targets, baseline).sum(2)
        layer, combine = self.layer, {"gradcam": grad_cam, "hirescam": hires_cam}[self.method]
        assert layer is not None
        return lambda pictures, targets: combine(at_layer(network, layer, pictures, targets))


def data_mean(network: PictureNetwork) -> Tensor:
    """(3, 1, 1) in 0..1: the colour that the network's normalisation maps to zero."""
    normalise = network.normalise
    mean: Tensor = (-normalise.shift / normalise.scale / 255).view(3, 1, 1).clamp(0, 1)
    return mean


def no_cam() -> UserError:
    """The error for requesting class activation maps of a network that has none."""
    return UserError(
        "This network has no class activation maps: they need a head that is linear in the mean of the last grid.",
        where="--method cam",
        fix="--method hirescam   or a run with model.network.pool=true (shallow) or model/head=linear "
        "model.backbone.layer=null model.backbone.pool=mean (transfer)",
    )


def choose(network: PictureNetwork, picture: Tensor, method: Method | None, layer: str | None) -> Mapper:
    """The mapper for a method and layer; by default, for the most faithful method that the network allows.

    These are class activation maps if they exist; otherwise HiResCAM at the last grid, or at the last tokens of a
    transformer on which the logits depend; and integrated gradients if no layer has a spatial output.

    Args:
        network: network to explain.
        picture: (1, 3, H, W) in 0..1, to determine the shapes of layers.
        method: one of `METHODS`; None for the default.
        layer: name of a layer; None for the default.

    Raises:
        UserError: for a layer that does not exist or does not fit the method, or a method that the network does not
            allow.
    """
    with undisturbed(network):
        if layer is not None:
            find_layer(network, layer)
            if method in ("cam", "integrated"):
                raise UserError(
                    f"The method {method!r} takes no layer.", where=f"--layer {layer}", fix="--method gradcam"
                )
            at_layer(network, layer, picture, torch.zeros(1, 1, dtype=torch.long, device=picture.device))
            return Mapper(network, method or "hirescam", layer)
        if method in (None, "cam"):
            with torch.no_grad():
                pooled = pooled_head(network.head, tuple(network.features(picture).shape[1:]))
            if pooled is not None:
                return Mapper(network, "cam", "trunk")
            if method == "cam":
                raise no_cam()
        if method == "integrated":
            return Mapper(network, method, None)
        layers = mapped_layers(network, picture)
        if not layers and method is None:
            return Mapper(network, "integrated", None)
        if not layers:
            raise UserError(
                "No layer of this network has positions to show.", where=f"--method {method}", fix="--method integrated"
            )
        return Mapper(network, method or "hirescam", last_layer(network, layers))


def last_layer(network: PictureNetwork, layers: list[str]) -> str:
    """The whole trunk if it outputs a grid, or else the last layer normalisation of tokens, or else the last layer."""
    if "trunk" in layers:
        return "trunk"
    modules = dict(network.named_modules())
    return next((name for name in reversed(layers) if isinstance(modules[name], nn.LayerNorm)), layers[-1])
