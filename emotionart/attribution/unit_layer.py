"""A layer whose units are examined: its answers to pictures, alone or with everything after it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from emotionart.attribution.gradient import find_layer, mapped_layers, no_places
from emotionart.attribution.maps import last_layer
from emotionart.attribution.network import PictureNetwork, undisturbed
from emotionart.errors import UserError
from emotionart.networks.layers import every_output, outputs_of
from emotionart.networks.tokens import as_grid, channel_axis


@dataclass(frozen=True)
class UnitLayer:
    """A layer whose output is a grid or tokens; its units are the channels.

    Attributes:
        network: the network that contains it.
        name: its name among the network's modules.
        axis: that of the channels in its output.
    """

    network: PictureNetwork
    name: str
    axis: int

    @property
    def title(self) -> str:
        """Its name within the network that was pretrained, if it is in one."""
        return self.name.rpartition(".network.")[2]

    @property
    def module(self) -> nn.Module:
        """The layer itself."""
        return self.network.get_submodule(self.name)

    def grid(self, pictures: Tensor) -> Tensor:
        """Its answers (B, U, h, w) to pictures (B, 3, H, W); nothing after it is computed."""
        output: Tensor = outputs_of(self.network, [self.name], pictures, stop=True)[self.name]
        return as_grid(output)


def unit_layer(network: PictureNetwork, picture: Tensor, name: str | None) -> UnitLayer:
    """The layer with this name; by default the last grid, or the last tokens on which classes depend.

    Args:
        network: the network.
        picture: (1, 3, H, W), to see the shape of outputs.
        name: name of the layer, or its end.

    Raises:
        UserError: for a layer that does not exist, has no positions, or is used more than once.
    """
    name = name or _default(network, picture)
    module = find_layer(network, name)
    outputs = _outputs(network, module, picture)
    axis = channel_axis(outputs[-1]) if outputs else None
    if axis is None:
        with undisturbed(network):
            raise no_places(network, name, picture, outputs[-1] if outputs else None)
    if len(outputs) > 1:
        raise UserError(
            f"The layer {name!r} is used {len(outputs)} times in one pass, so that its units are not one thing.",
            where=f"--layer {name}",
            fix="the name of the block around it",
        )
    return UnitLayer(network, next(one for one, part in network.named_modules() if part is module), axis)


def _default(network: PictureNetwork, picture: Tensor) -> str:
    if any(channel_axis(output) is not None for output in _outputs(network, network.trunk, picture)):
        return "trunk"
    with undisturbed(network):
        layers = mapped_layers(network, picture)
    if not layers:
        raise UserError("No layer of this network has positions, so that there are no units to show.", where="RUN")
    return last_layer(network, layers)


@torch.inference_mode()
def _outputs(network: nn.Module, module: nn.Module, picture: Tensor) -> list[Tensor]:
    return [output for output in every_output(network, module, picture) if isinstance(output, Tensor)]
