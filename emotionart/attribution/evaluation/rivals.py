"""Baseline maps with less information than the one under test, which must beat them."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F
from torchvision.transforms.functional import gaussian_blur

_SOFT = 0.125  # standard deviation of smoothed noise relative to a map's side
_BLOB = 0.25  # standard deviation of the centred blob relative to a map's side


def rival_maps(maps: Tensor, classes: Tensor, seed: int) -> dict[str, Tensor]:
    """Rivals of maps (n, h, w), of the same shape, that do not depend on the picture they are applied to.

    - random: independent noise (Petsiuk, Das and Saenko 2018)
    - smoothed noise: blobs as coarse as maps often are
    - centre: a blob in the centre of every picture, where painters place what matters
    - mean: the mean of the other pictures' maps, scaled to the same range
    - another's: the map of another picture with the same predicted class

    Args:
        maps: (n, h, w) maps to compare with.
        classes: (n,) predicted class of each picture.
        seed: seed of the noise.
    """
    height, width = maps.shape[1:]
    generator = torch.Generator().manual_seed(seed)
    noise = torch.rand(maps.shape, generator=generator)
    sizes = [2 * (side // 2) + 1 for side in (width, height)]
    scaled = maps / maps.abs().amax((1, 2), keepdim=True).clamp_min(1e-12)
    return {
        "random": noise,
        "smoothed noise": gaussian_blur(
            torch.rand(maps.shape, generator=generator), sizes, [_SOFT * width, _SOFT * height]
        ),
        "centre": _blob(height, width).expand(maps.shape),
        "mean": (scaled.sum(0, keepdim=True) - scaled) / max(1, len(maps) - 1),
        "another's": maps[another_of_the_class(classes)],
    }


def another_of_the_class(classes: Tensor) -> Tensor:
    """(n,) index of the next picture of the same class; for the only picture of a class, the next picture."""
    partner = (torch.arange(len(classes)) + 1) % len(classes)
    for value in classes.tolist():
        rows = torch.nonzero(classes == value).flatten()
        if len(rows) > 1:
            partner[rows] = rows.roll(-1)
    return partner


def _blob(height: int, width: int) -> Tensor:
    y, x = (((torch.arange(side) + 0.5) / side - 0.5) / _BLOB for side in (height, width))
    return torch.exp(-(y[:, None] ** 2 + x**2) / 2)


def edge_maps(pictures: Tensor, size: tuple[int, int]) -> Tensor:
    """(n, h, w): mean edge strength in each cell of a map, a plausible explanation without any network.

    Args:
        pictures: (n, 3, H, W) in 0..1.
        size: (h, w), height and width of the map.
    """
    grey = pictures.mean(1, keepdim=True)
    sobel = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    kernels = torch.stack([sobel, sobel.T])[:, None].to(pictures)
    edges = F.conv2d(F.pad(grey, (1, 1, 1, 1), mode="replicate"), kernels).norm(dim=1, keepdim=True)
    return F.adaptive_avg_pool2d(edges, size)[:, 0]
