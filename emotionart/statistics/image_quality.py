"""How far generated pictures are from real ones, on any features; and what a classifier sees in them.

Features are (n, D) float32, a row a picture. None of these figures says anything without the features' name, the
numbers of pictures, and the same figure between real pictures and other real ones.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

_SUBSETS = 100
_NEIGHBOURS = 3

Array = NDArray[np.float64]


def distances(real: Tensor, fake: Tensor, subset: int) -> dict[str, float]:
    """KID (mean over subsets, and its deviation between them), FID, precision and recall.

    KID is unbiased (Binkowski et al. 2018); FID (Heusel et al. 2017) falls with the number of pictures.

    Args:
        real, fake: features.
        subset: pictures in a subset of KID, at most as many as there are of either.
    """
    mean, deviation = kid(real, fake, subset)
    precision, recall = precision_recall(real, fake)
    return {"kid": mean, "kid_deviation": deviation, "fid": fid(real, fake), "precision": precision, "recall": recall}


def scale_of(real: Tensor) -> float:
    """Root mean square of features, by which they are divided before distances are taken.

    KID's kernel (<x, y> / D + 1)^3 was made for Inception's features, which are about 1; on those of a network whose
    features are in the hundreds the cube would be all, and a few pictures would decide.
    """
    return float(real.double().square().mean().sqrt()) or 1.0


def kid(real: Tensor, fake: Tensor, subset: int) -> tuple[float, float]:
    """Kernel distance of torchmetrics on given features; subsets are drawn from a fixed seed."""
    from torchmetrics.image.kid import KernelInceptionDistance

    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.filterwarnings("ignore", message=".*save all extracted features in buffer.*")
        torch.manual_seed(0)
        metric = KernelInceptionDistance(_Given(real.shape[1]), subsets=_SUBSETS, subset_size=subset)
        metric.update(real, real=True)
        metric.update(fake, real=False)
        mean, deviation = metric.compute()
    return float(mean), float(deviation)


def fid(real: Tensor, fake: Tensor) -> float:
    """Frechet distance of torchmetrics on given features."""
    from torchmetrics.image.fid import FrechetInceptionDistance

    metric = FrechetInceptionDistance(_Given(real.shape[1])).set_dtype(torch.float64)
    metric.update(real.double(), real=True)
    metric.update(fake.double(), real=False)
    return float(metric.compute())


def precision_recall(real: Tensor, fake: Tensor, neighbours: int = _NEIGHBOURS) -> tuple[float, float]:
    """Share of fakes within the reach of real pictures, and of real ones within that of fakes.

    A picture reaches as far as its third nearest neighbour of its own kind (Kynkaanniemi et al. 2019).
    """
    return _covered(fake, real, neighbours), _covered(real, fake, neighbours)


def _covered(pictures: Tensor, others: Tensor, neighbours: int) -> float:
    others, pictures = others.double(), pictures.double()
    own = torch.cdist(others, others, compute_mode="donot_use_mm_for_euclid_dist")
    reach = own.kthvalue(min(neighbours + 1, len(others)), dim=1).values  # its distance to itself comes first
    distance = torch.cdist(pictures, others, compute_mode="donot_use_mm_for_euclid_dist")
    return float((distance <= reach).any(dim=1).double().mean())


class _Given(nn.Identity):
    """Takes features for features."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features


def classification_report(
    probabilities: Array, classes: Sequence[str], wanted: NDArray[np.int64] | None = None
) -> dict[str, Any]:
    """What a classifier sees in generated pictures.

    Args:
        probabilities: (n, K).
        classes: names of the K classes.
        wanted: (n,) the class that was asked for, for a generator that is told.

    Returns:
        `n`; `shares` of each class among the most probable ones; mean `entropy` in nats and mean `confidence` (the
        highest probability); with `wanted`, `asked`, the shares of classes that were asked for, and `hit`, by class
        and over `all`, how often it sees what was asked for.
    """
    seen = probabilities.argmax(axis=1)
    logarithm = np.log(np.clip(probabilities, 1e-12, None))
    found: dict[str, Any] = {
        "n": len(probabilities),
        "shares": {name: float((seen == place).mean()) for place, name in enumerate(classes)},
        "entropy": float(-(probabilities * logarithm).sum(axis=1).mean()),
        "confidence": float(probabilities.max(axis=1).mean()),
    }
    if wanted is not None:
        right = seen == wanted
        by_class = {
            name: float(right[wanted == place].mean()) if (wanted == place).any() else None
            for place, name in enumerate(classes)
        }
        found["asked"] = {name: float((wanted == place).mean()) for place, name in enumerate(classes)}
        found["hit"] = {"all": float(right.mean()), **by_class}
    return found
