"""Removal of regions from a picture, by blurring or by imputation from their surroundings."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array
from scipy.sparse.linalg import spsolve
from torch import Tensor
from torch.nn import functional as F
from torchvision.transforms.functional import gaussian_blur

Removal = Callable[[Tensor], Tensor]
"""Maps masks (n, H, W), true for removed pixels, to pictures (n, 3, H, W) without them."""
_GRID = 32  # side in pixels of the grid for imputation; imputed regions are smooth anyway
_NOISE = 0.01  # standard deviation of the added noise relative to the pixels' range, as in the authors' code


def blurred(pictures: Tensor) -> Tensor:
    """Pictures (n, 3, H, W) reduced to patches of colour by Gaussian blur with a deviation of a tenth of the height."""
    height, width = pictures.shape[2:]
    size = 2 * (min(height, width) // 4) + 1
    soft: Tensor = gaussian_blur(pictures, [size, size], [0.1 * height, 0.1 * height])
    return soft


def blurring(pictures: Tensor) -> Removal:
    """Removal by blurring.

    Args:
        pictures: (n, 3, H, W) in 0..1.
    """
    poor = blurred(pictures)
    return lambda masks: torch.where(masks[:, None], poor, pictures)


def imputing(pictures: Tensor, seed: int) -> Removal:
    """Removal by noisy linear imputation (ROAD, remove and debias: Rong et al. 2022).

    Each missing pixel is the weighted mean of its eight neighbours, known or missing, with double weight for adjacent
    ones: a sparse linear system per picture. Unlike a blurred patch, the result does not reveal the mask's shape. The
    system is solved on at most 32 x 32 pixels; an entirely missing picture gets its mean colour.

    Args:
        pictures: (n, 3, H, W) in 0..1.
        seed: seed of the noise.
    """
    size = pictures.shape[2:]
    grid = (min(size[0], _GRID), min(size[1], _GRID))
    coarse = F.adaptive_avg_pool2d(pictures, grid).permute(0, 2, 3, 1).double().numpy()
    noise = _NOISE * torch.randn(pictures.shape, generator=torch.Generator().manual_seed(seed))

    def remove(masks: Tensor) -> Tensor:
        # A coarse pixel is missing if any part of it is, so that nothing that is removed shines through.
        missing = F.adaptive_max_pool2d(masks[:, None].float(), grid)[:, 0].bool().numpy()
        filled = np.stack([_impute(*pair) for pair in zip(coarse, missing, strict=True)])
        fine = F.interpolate(torch.from_numpy(filled).permute(0, 3, 1, 2).to(pictures), size, mode="bilinear")
        return torch.where(masks[:, None], (fine + noise).clamp(0, 1), pictures)

    return remove


def _impute(picture: NDArray[np.float64], missing: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The picture (h, w, 3) with missing pixels (h, w) replaced by the means of their neighbours."""
    if missing.all():
        return np.broadcast_to(picture.mean(axis=(0, 1)), picture.shape)
    flat, gone = picture.reshape(-1, 3).copy(), np.flatnonzero(missing)
    if len(gone):
        present = np.flatnonzero(~missing)
        rows = _neighbours(*missing.shape)[gone]
        flat[gone] = spsolve((eye_array(len(gone)) - rows[:, gone]).tocsc(), rows[:, present] @ flat[present])
    return flat.reshape(picture.shape)


@lru_cache(maxsize=8)
def _neighbours(height: int, width: int) -> csr_array:
    """(h w, h w): weights of each pixel's neighbours, summing to one."""
    place = np.arange(height * width).reshape(height, width)
    rows, columns, weights = [], [], []
    for down, right, weight in ((0, 1, 2), (1, 0, 2), (1, 1, 1), (1, -1, 1)):
        one = place[: height - down, max(0, -right) : width - max(0, right)].ravel()
        other = place[down:, max(0, right) : width + min(0, right)].ravel()
        rows += [one, other]
        columns += [other, one]
        weights += [np.full(2 * len(one), float(weight))]
    matrix = csr_array((np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))))
    return csr_array(matrix.multiply(1 / matrix.sum(axis=1)[:, None]))
