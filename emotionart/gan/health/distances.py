"""Distances between pictures at 16 x 16 pixels."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

_SIDE = 16


def thumbnails(pictures: Tensor) -> Tensor:
    """Pictures (n, 3, s, s) averaged over areas to 16 x 16 pixels, as vectors (n, 768)."""
    return F.adaptive_avg_pool2d(pictures.float(), _SIDE).flatten(1)


def mean_distance(vectors: Tensor) -> float:
    """Mean pairwise distance of vectors (n, D), n at least 2; 0 if all are equal.

    Computed from differences, since rounding of products would separate equal vectors.
    """
    count = len(vectors)
    distances = torch.cdist(vectors, vectors, compute_mode="donot_use_mm_for_euclid_dist")
    return float(distances.sum() / (count * (count - 1)))


def nearest_distance(vectors: Tensor, others: Tensor) -> float:
    """Median over vectors (n, D) of the distance to the nearest of `others` (m, D)."""
    return float(torch.cdist(vectors, others).min(dim=1).values.median())


def ratio(numerator: float, denominator: float) -> float:
    """Quotient; infinite if the denominator is 0, for pictures that do not differ at all."""
    return numerator / denominator if denominator > 0 else math.inf
