"""How far a map can be trusted: what a network does when the places that a map names are taken away, and what the map
does when picture or network change.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import rankdata
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.transforms.functional import gaussian_blur

from emotionart.attribution.network import class_probabilities, undisturbed

Array = NDArray[np.float64]
MapFunction = Callable[[Tensor], Tensor]
"""From pictures (n, 3, H, W) to the map of one class of each, (n, h, w)."""

_MOST_STAGES = 12  # of randomisation


@dataclass(frozen=True)
class Curves:
    """What remains of a class's probability as places are taken from a picture or given to a blurred one.

    Attributes:
        share: (T,) of the picture's places that have been changed, 0 to 1.
        deletion: (n, T) probability as the places that the map ranks highest are blurred first.
        insertion: (n, T) probability as they are the first to be restored in a blurred picture.
    """

    share: Array
    deletion: Array
    insertion: Array

    def areas(self) -> tuple[Array, Array]:
        """Areas (n,) under each artwork's curves; of a good map small for deletion, large for insertion."""
        return tuple(np.trapezoid(curve, self.share, axis=1) for curve in (self.deletion, self.insertion))  # type: ignore[return-value]


def curves(network: nn.Module, pictures: Tensor, maps: Tensor, classes: Tensor, steps: int = 10) -> Curves:
    """Deletion and insertion curves (Petsiuk, Das and Saenko 2018).

    A place is a cell of the map, so that maps that are to be compared must have as many.

    Args:
        network: from pictures (B, 3, H, W) in 0..1 to logits.
        pictures: (n, 3, H, W).
        maps: (n, h, w), any scale.
        classes: (n,) whose probability is watched.
        steps: equal shares in which places are changed.
    """
    share = np.linspace(0, 1, steps + 1)
    kept = [_masks(maps, float(part)) for part in share]
    size = pictures.shape[2:]
    poor = blurred(pictures)
    found: dict[bool, list[Array]] = {True: [], False: []}
    with undisturbed(network), torch.no_grad():
        for changed in kept:
            mask = F.interpolate(changed[:, None].float(), size=size, mode="nearest")
            for deleting, picture in (
                (True, torch.lerp(pictures, poor, mask)),
                (False, torch.lerp(poor, pictures, mask)),
            ):
                found[deleting].append(_probability(network, picture, classes))
    return Curves(share, np.stack(found[True], 1), np.stack(found[False], 1))


def _masks(maps: Tensor, share: float) -> Tensor:
    """The cells (n, h, w) with the highest values that make up a share of each map; ties fall in reading order."""
    flat = maps.flatten(1)
    count = round(share * flat.shape[1])
    order = torch.argsort(flat, dim=1, descending=True, stable=True)
    chosen = torch.zeros_like(flat, dtype=torch.bool)
    chosen.scatter_(1, order[:, :count], True)
    return chosen.view(maps.shape)


def _probability(network: nn.Module, pictures: Tensor, classes: Tensor) -> Array:
    return class_probabilities(network, pictures).gather(1, classes.cpu()[:, None])[:, 0].numpy()


def blurred(pictures: Tensor) -> Tensor:
    """Pictures (n, 3, H, W) of which only patches of colour are left: Gaussian blur, a tenth of the height wide."""
    height, width = pictures.shape[2:]
    size = 2 * (min(height, width) // 4) + 1
    soft: Tensor = gaussian_blur(pictures, [size, size], [0.1 * height, 0.1 * height])
    return soft


def random_maps(shape: tuple[int, ...], seed: int) -> Tensor:
    """Maps of independent noise: what a map must beat."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def edge_maps(pictures: Tensor, places: tuple[int, int]) -> Tensor:
    """The mean edge strength in each cell of a map, (n, h, w): what needs no network, and still looks like a reason.

    Args:
        pictures: (n, 3, H, W).
        places: (h, w).
    """
    grey = pictures.mean(1, keepdim=True)
    sobel = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    kernels = torch.stack([sobel, sobel.T])[:, None].to(pictures)
    edges = F.conv2d(F.pad(grey, (1, 1, 1, 1), mode="replicate"), kernels).norm(dim=1, keepdim=True)
    return F.adaptive_avg_pool2d(edges, places)[:, 0]


def similarity(one: Tensor, other: Tensor) -> Array:
    """Spearman's rank correlation of each pair of maps (n, h, w), (n,); 0 where a map is flat."""
    left, right = (rankdata(maps.flatten(1).double().cpu().numpy(), axis=1) for maps in (one, other))
    left, right = (ranks - ranks.mean(axis=1, keepdims=True) for ranks in (left, right))
    norm = np.sqrt((left**2).sum(axis=1) * (right**2).sum(axis=1))
    correlation: Array = np.divide((left * right).sum(axis=1), norm, out=np.zeros(len(norm)), where=norm > 0)
    return correlation


def stability(maps: MapFunction, pictures: Tensor, noise: float, draws: int, seed: int) -> Array:
    """How alike the maps of pictures and of the same pictures under noise are, (n,): mean rank correlation.

    Args:
        maps: the map function.
        pictures: (n, 3, H, W) in 0..1.
        noise: standard deviation of the noise, in parts of the pixels' range.
        draws: of the noise, for each picture.
        seed: of the noise.
    """
    generator = torch.Generator().manual_seed(seed)
    clean = maps(pictures)
    found = []
    for _ in range(draws):
        grain = torch.randn(pictures.shape, generator=generator).to(pictures)
        found.append(similarity(clean, maps((pictures + noise * grain).clamp(0, 1))))
    mean: Array = np.mean(found, axis=0)
    return mean


def randomised(network: nn.Module, seed: int) -> Iterator[tuple[str, nn.Module]]:
    """Copies of a network whose weights are replaced by random ones, layer by layer from the top (Adebayo et al. 2018).

    Yields the name of the lowest layer that is random and the network; with more than twelve layers, several at a time.
    A layer is initialised anew as its class does; where it cannot do so itself, its weights change places.
    """
    changed = copy.deepcopy(network)
    layers = [
        (name, part) for name, part in changed.named_modules() if any(True for _ in part.parameters(recurse=False))
    ]
    at_once = -(-len(layers) // _MOST_STAGES)
    for place, (name, part) in enumerate(reversed(layers), 1):
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed + place)
            _initialise(part)
        if place % at_once == 0 or place == len(layers):
            yield name, changed


def _initialise(layer: nn.Module) -> None:
    reset = getattr(layer, "reset_parameters", None)
    if callable(reset):
        reset()
        return
    for weight in layer.parameters(recurse=False):
        weight.copy_(weight.flatten()[torch.randperm(weight.numel()).to(weight.device)].view(weight.shape))
