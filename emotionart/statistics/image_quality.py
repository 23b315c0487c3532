"""Image-quality metrics of generated pictures on given features, and a classifier's predictions for them.

Features are (n, D) float32, one row per picture. The metrics can only be interpreted together with the name of the
features, the numbers of pictures, and the same metrics between two sets of real pictures.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from emotionart.statistics.calibration.uncertainty import entropy

_SUBSETS = 100
_NEIGHBOURS = 3
_ALONE: dict[str, Any] = {"sync_on_compute": False}  # only one device measures; torchmetrics would wait for the others

Array = NDArray[np.float64]


def distances(real: Tensor, fake: Tensor, subset: int) -> dict[str, float]:
    """KID (mean and standard deviation over subsets), FID, precision and recall.

    KID is unbiased (Binkowski et al. 2018); FID (Heusel et al. 2017) decreases with the number of pictures.

    Args:
        real, fake: (n, D) and (m, D) features.
        subset: pictures per subset of KID, at most min(n, m).
    """
    mean, deviation = kid(real, fake, subset)
    precision, recall = precision_recall(real, fake)
    return {"kid": mean, "kid_deviation": deviation, "fid": fid(real, fake), "precision": precision, "recall": recall}


def scale_of(real: Tensor) -> float:
    """Root mean square of features, by which to divide them before computing distances.

    KID's kernel (<x, y> / D + 1)^3 was designed for Inception's features, which are about 1; for features in the
    hundreds, the cubic term would dominate, and a few pictures would determine the result.
    """
    return float(real.double().square().mean().sqrt()) or 1.0


def kid(real: Tensor, fake: Tensor, subset: int) -> tuple[float, float]:
    """Kernel inception distance of torchmetrics on given features: mean and deviation over subsets of a fixed seed."""
    from torchmetrics.image.kid import KernelInceptionDistance

    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.filterwarnings("ignore", message=".*save all extracted features in buffer.*")
        torch.manual_seed(0)
        metric = KernelInceptionDistance(_Precomputed(real.shape[1]), subsets=_SUBSETS, subset_size=subset, **_ALONE)
        metric.update(real, real=True)
        metric.update(fake, real=False)
        mean, deviation = metric.compute()
    return float(mean), float(deviation)


def fid(real: Tensor, fake: Tensor) -> float:
    """Fréchet inception distance of torchmetrics on given features."""
    from torchmetrics.image.fid import FrechetInceptionDistance

    metric = FrechetInceptionDistance(_Precomputed(real.shape[1]), **_ALONE).set_dtype(torch.float64)
    metric.update(real.double(), real=True)
    metric.update(fake.double(), real=False)
    return float(metric.compute())


def precision_recall(real: Tensor, fake: Tensor) -> tuple[float, float]:
    """Precision, the share of fakes on the manifold of real pictures, and recall, that of real ones on the fakes'.

    A manifold is the union of balls around its pictures up to their third nearest neighbours (Kynkäänniemi et al.
    2019).
    """
    return _covered(fake, real), _covered(real, fake)


def _covered(pictures: Tensor, others: Tensor) -> float:
    others, pictures = others.double(), pictures.double()
    own = torch.cdist(others, others, compute_mode="donot_use_mm_for_euclid_dist")
    reach = own.kthvalue(min(_NEIGHBOURS + 1, len(others)), dim=1).values  # + 1, as the nearest is the picture itself
    distance = torch.cdist(pictures, others, compute_mode="donot_use_mm_for_euclid_dist")
    return float((distance <= reach).any(dim=1).double().mean())


class _Precomputed(nn.Identity):
    """A feature extractor that returns its input, for precomputed features."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features


def classification_report(
    probabilities: Array, classes: Sequence[str], targets: NDArray[np.int64] | None = None
) -> dict[str, Any]:
    """Summary of a classifier's predictions for generated pictures.

    Args:
        probabilities: (n, K) predicted probabilities.
        classes: names of the K classes.
        targets: (n,) requested classes, for a conditional generator; None otherwise.

    Returns:
        `n`; `shares` of each class among the predictions; mean `entropy` in nats and mean `confidence` (the highest
        probability); with `targets`, `asked`, the shares of requested classes, and `hit`, how often the prediction is
        the requested class, by class and over `all`.
    """
    predicted = probabilities.argmax(axis=1)
    report: dict[str, Any] = {
        "n": len(probabilities),
        "shares": {name: float((predicted == index).mean()) for index, name in enumerate(classes)},
        "entropy": float(entropy(probabilities).mean()),
        "confidence": float(probabilities.max(axis=1).mean()),
    }
    if targets is not None:
        right = predicted == targets
        by_class = {
            name: float(right[targets == index].mean()) if (targets == index).any() else None
            for index, name in enumerate(classes)
        }
        report["asked"] = {name: float((targets == index).mean()) for index, name in enumerate(classes)}
        report["hit"] = {"all": float(right.mean()), **by_class}
    return report
