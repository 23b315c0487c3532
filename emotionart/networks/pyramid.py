"""Several grids of a frozen network, mixed at random: what a projected discriminator looks at (Sauer et al. 2021)."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm

from emotionart.networks.weights import weights_digest

STRIDES = (4, 8, 16, 32)
"""Of the grids that are taken where no layers are named."""

_MIXING_SEED = 0  # of the random projections: one discriminator's are another's
_DEEPEST = 2  # parts of a layer's name: stages and their members, not the convolutions inside a block


def freeze(network: nn.Module) -> nn.Module:
    """Makes all weights buffers that are never trained nor saved, and sets evaluation mode; returns the network.

    They still move with the network to another device.
    """
    for module in network.modules():
        for name, weight in list(module.named_parameters(recurse=False)):
            delattr(module, name)
            module.register_buffer(name, weight.detach(), persistent=False)
        for name, buffer in list(module.named_buffers(recurse=False)):
            module.register_buffer(name, buffer, persistent=False)
    return network.eval()


@torch.no_grad()
def find_layers(network: nn.Module, size: int) -> list[str]:
    """The last stage, or else layer, at each stride of `STRIDES` that a network has, from fine to coarse.

    Args:
        network: given pictures (1, 3, size, size).
        size: of the pictures.

    Raises:
        ValueError: for a network without such grids, as most transformers are.
    """
    parts = {
        name: part
        for name, part in network.named_modules()
        if name and name.count(".") < _DEEPEST and not isinstance(part, _BatchNorm | nn.AdaptiveAvgPool2d)
    }
    found: dict[int, str] = {}
    for name, grid in _outputs(network, parts, torch.zeros(1, 3, size, size)).items():
        if not (isinstance(grid, Tensor) and grid.ndim == 4 and grid.shape[2] == grid.shape[3] > 1):
            continue
        stride = 2 ** round(math.log2(size / grid.shape[2]))
        is_stage = any(True for _ in parts[name].children())
        if stride in STRIDES and (is_stage or not any(parts[found[stride]].children()) if stride in found else True):
            found[stride] = name
    if not found:
        raise ValueError("this network has no grids of the strides 4 to 32; name layers")
    return [found[stride] for stride in sorted(found)]


def _outputs(network: nn.Module, parts: Mapping[str, nn.Module], pictures: Tensor) -> dict[str, Any]:
    """What some parts of a network give for pictures, in the order in which they are done."""
    found: dict[str, Any] = {}

    def note(name: str) -> Callable[[nn.Module, Any, Any], None]:
        return lambda part, given, output: found.update({name: output})

    handles = [part.register_forward_hook(note(name)) for name, part in parts.items()]
    try:
        getattr(network, "forward_features", network)(pictures)  # timm's stop before the classifier
    finally:
        for handle in handles:
            handle.remove()
    return found


class FeaturePyramid(nn.Module):
    """Grids of a frozen network, mixed over channels and then, from coarse to fine, over scales; nothing is trained.

    Random 1 x 1 convolutions mix channels; random 3 x 3 convolutions, bilinear enlargement and addition mix scales.
    Each mixed grid is divided by its standard deviation on real pictures.

    Args:
        network: of torchvision or timm; it is frozen.
        layers: names of the parts whose outputs are taken, from fine to coarse; None finds them.
        size: side in pixels at which the network sees the pictures.
        mean, std: of the channels, on the scale 0 to 1, as the network was trained.
        channels: of the mixed grids, one for each layer, or more, of which the first are taken.

    Attributes:
        digest: of the network's weights.
        layers: whose outputs are taken.
        channels: of the mixed grids.
        sides: of the mixed grids, in cells.

    Raises:
        ValueError: for layers that do not exist or give no grids, or too few `channels`.
    """

    gain: Tensor
    offset: Tensor
    deviation: Tensor

    def __init__(
        self,
        network: nn.Module,
        layers: Sequence[str] | None,
        size: int,
        mean: Sequence[float],
        std: Sequence[float],
        channels: Sequence[int],
    ) -> None:
        super().__init__()
        self.size = size
        self.digest = weights_digest(network)
        self.network = freeze(network)
        self.layers = tuple(layers) if layers else tuple(find_layers(network, size))
        unknown = set(self.layers) - {name for name, _ in network.named_modules()}
        if unknown:
            raise ValueError(f"the network has no layer {', '.join(sorted(unknown))}")
        spread = torch.tensor(std).view(1, 3, 1, 1)
        self.register_buffer("gain", 0.5 / spread, persistent=False)  # pictures come in -1..1
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
        """Takes the standard deviations on real pictures (n, 3, s, s) in -1..1."""
        self.deviation.copy_(torch.stack([grid.float().std() for grid in self._mixed(pictures)]))

    def get_extra_state(self) -> Tensor:
        """The digest of all that is frozen, in the place of the weights themselves."""
        frozen = hashlib.blake2b(self.digest.encode(), digest_size=16)
        for convolution in (*self.over_channels, *self.over_scales):
            frozen.update(convolution.weight.cpu().contiguous().numpy().tobytes())
        return torch.frombuffer(bytearray(frozen.digest()), dtype=torch.uint8)

    def set_extra_state(self, state: Tensor) -> None:
        """Compares the digest.

        Raises:
            ValueError: for another network, or other projections, than those that the checkpoint was trained with.
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
        parts = {name: self.network.get_submodule(name) for name in self.layers}
        found = _outputs(self.network, parts, torch.addcmul(self.offset, pictures, self.gain))
        return [found[name] for name in self.layers]

    def _mixed(self, pictures: Tensor) -> list[Tensor]:
        grids = [mix(grid) for mix, grid in zip(self.over_channels, self._grids(pictures), strict=True)]
        for n in reversed(range(len(grids) - 1)):
            coarse: Tensor = self.over_scales[n](grids[n + 1])
            grids[n] = grids[n] + F.interpolate(coarse, grids[n].shape[2:], mode="bilinear")
        return grids


def _random_convolution(before: int, after: int, side: int, generator: torch.Generator) -> nn.Module:
    """A frozen convolution without bias that keeps the scale of independent inputs (Kaiming initialisation)."""
    convolution = nn.Conv2d(before, after, side, padding=side // 2, bias=False)
    with torch.no_grad():
        convolution.weight.normal_(0, (before * side**2) ** -0.5, generator=generator)
    return freeze(convolution)
