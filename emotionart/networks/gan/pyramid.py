"""Randomly mixed grids of a frozen network, the input of a projected discriminator (Sauer et al. 2021)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from emotionart.networks.layers import find_layers, missing_layer, outputs_of

_MIXING_SEED = 0  # seed of the random projections, which are the same in all discriminators


class Origin(NamedTuple):
    """Where the frozen weights come from.

    Attributes:
        name: name of the network.
        weights: "random", "imagenet", the library's name of the weights, or a file's name.
        digest: hash of the weights.
    """

    name: str
    weights: str
    digest: str

    @property
    def random(self) -> bool:
        """Whether the network was never trained."""
        return self.weights == "random"


def freeze(network: nn.Module) -> nn.Module:
    """Turns all weights into buffers that are neither trained nor saved, and sets evaluation mode; returns the network.

    They still move with the network to another device.
    """
    for module in network.modules():
        for name, weight in list(module.named_parameters(recurse=False)):
            delattr(module, name)
            module.register_buffer(name, weight.detach(), persistent=False)
        for name, buffer in list(module.named_buffers(recurse=False)):
            module.register_buffer(name, buffer, persistent=False)
    return network.eval()


class FeaturePyramid(nn.Module):
    """Grids of a frozen network, mixed over channels and then, from coarse to fine, over scales; nothing is trained.

    Random 1 x 1 convolutions mix channels; random 3 x 3 convolutions, bilinear upsampling and addition mix scales. Each
    mixed grid is divided by its standard deviation on real pictures.

    Args:
        network: network of torchvision or timm; it is frozen.
        origin: where its weights come from.
        layers: names of the layers whose outputs are taken, from fine to coarse; None finds them.
        size: side in pixels at which the network sees the pictures.
        mean, std: mean and standard deviation of the channels in the network's training, on the scale 0 to 1.
        channels: channels of each layer's mixed grid; surplus entries are ignored.

    Attributes:
        origin: where the network's weights come from.
        layers: names of the layers whose outputs are taken.
        channels: channels of the mixed grids.
        sides: sides of the mixed grids in cells.

    Raises:
        ValueError: for layers that do not exist or do not output grids, or too few `channels`.
    """

    gain: Tensor
    offset: Tensor
    deviation: Tensor

    def __init__(
        self,
        network: nn.Module,
        origin: Origin,
        layers: Sequence[str] | None,
        size: int,
        mean: Sequence[float],
        std: Sequence[float],
        channels: Sequence[int],
    ) -> None:
        super().__init__()
        self.size = size
        self.origin = origin
        self.network = freeze(network)
        self.layers = tuple(layers) if layers else tuple(find_layers(network, size))
        known = {name for name, _ in network.named_modules()}
        for layer in self.layers:
            if layer not in known:
                raise missing_layer(network, layer)
        spread = torch.tensor(std).view(1, 3, 1, 1)
        self.register_buffer("gain", 0.5 / spread, persistent=False)  # for pictures in -1..1
        self.register_buffer("offset", (0.5 - torch.tensor(mean).view(1, 3, 1, 1)) / spread, persistent=False)
        with torch.no_grad():
            grids = self._grids(torch.zeros(1, 3, size, size))
        if any(grid.ndim != 4 for grid in grids):
            raise ValueError(f"the layers {', '.join(self.layers)} do not all give grids")
        if len(channels) < len(grids):
            raise ValueError(f"{len(grids)} layers need as many numbers of channels, not {len(channels)}")
        self.channels = tuple(channels[: len(grids)])
        self.sides = tuple(grid.shape[2] for grid in grids)
        generator = torch.Generator().manual_seed(_MIXING_SEED)
        self.over_channels = nn.ModuleList(
            _random_convolution(grid.shape[1], after, 1, generator)
            for grid, after in zip(grids, self.channels, strict=True)
        )
        self.over_scales = nn.ModuleList(
            _random_convolution(before, after, 3, generator)
            for before, after in zip(self.channels[1:], self.channels, strict=False)
        )
        self.register_buffer("deviation", torch.ones(len(grids)))

    def train(self, mode: bool = True) -> FeaturePyramid:
        """Stays in evaluation mode."""
        return super().train(False)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Mixed grids (B, channels, side, side), from fine to coarse, of pictures (B, 3, s, s) in -1..1."""
        return [grid / deviation for grid, deviation in zip(self._mixed(pictures), self.deviation, strict=True)]

    @torch.no_grad()
    def calibrate(self, pictures: Tensor) -> None:
        """Sets the standard deviations to those on real pictures (n, 3, s, s) in -1..1."""
        self.deviation.copy_(torch.stack([grid.float().std() for grid in self._mixed(pictures)]))

    def get_extra_state(self) -> Tensor:
        """The hash of all frozen weights, saved in place of the weights themselves."""
        frozen = hashlib.blake2b(self.origin.digest.encode(), digest_size=16)
        for convolution in (*self.over_channels, *self.over_scales):
            frozen.update(convolution.weight.cpu().contiguous().numpy().tobytes())
        return torch.frombuffer(bytearray(frozen.digest()), dtype=torch.uint8)

    def set_extra_state(self, state: Tensor) -> None:
        """Compares the hash with the saved one.

        Raises:
            ValueError: if the checkpoint was trained with another network or other projections.
        """
        if not torch.equal(state.cpu(), self.get_extra_state()):
            raise ValueError(
                "the frozen network is not the one that the discriminator was trained with: its weights, or the "
                "random projections, differ"
            )

    def _grids(self, pictures: Tensor) -> list[Tensor]:
        if pictures.shape[-1] != self.size:
            pictures = F.interpolate(
                pictures, (self.size, self.size), mode="bilinear", antialias=pictures.shape[-1] > self.size
            )
        outputs = outputs_of(self.network, self.layers, torch.addcmul(self.offset, pictures, self.gain))
        return [outputs[name] for name in self.layers]

    def _mixed(self, pictures: Tensor) -> list[Tensor]:
        grids = [mix(grid) for mix, grid in zip(self.over_channels, self._grids(pictures), strict=True)]
        for n in reversed(range(len(grids) - 1)):
            coarse: Tensor = self.over_scales[n](grids[n + 1])
            grids[n] = grids[n] + F.interpolate(coarse, grids[n].shape[2:], mode="bilinear")
        return grids


def _random_convolution(before: int, after: int, side: int, generator: torch.Generator) -> nn.Module:
    """A frozen convolution without bias that preserves the scale of independent inputs (Kaiming initialisation)."""
    convolution = nn.Conv2d(before, after, side, padding=side // 2, bias=False)
    with torch.no_grad():
        convolution.weight.normal_(0, (before * side**2) ** -0.5, generator=generator)
    return freeze(convolution)
