"""Metrics for ordered classes, such as binned scores and ratings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emotionart.statistics.estimate import Estimate, clustered_mean, linearised
from emotionart.statistics.metrics import with_interval


def ordinal(
    predicted: NDArray[np.intp], labels: NDArray[np.int64], group: NDArray[np.intp], classes: int
) -> dict[str, dict[str, float | None]]:
    """Ordinal metrics with 95 % intervals, as {"value", "low", "high"}.

    - `class_error`: mean absolute difference between the indices of the predicted and the true class;
    - `weighted_kappa`: Cohen's kappa with quadratic weights (Cohen 1968): 1 for perfect, 0 for chance agreement; None
      if all true and predicted classes are the same one.

    Args:
        predicted: (n,) most probable classes, ordered, 0 to K - 1.
        labels: (n,) true classes.
        group: (n,) numbers, from 0, of the groups of dependent artworks.
        classes: number K of classes.
    """
    error = clustered_mean(np.abs(predicted - labels).astype(np.float64), group)
    kappa = weighted_kappa(predicted, labels, group)
    return {
        "class_error": with_interval(error, 0, classes - 1),
        "weighted_kappa": {"value": None, "low": None, "high": None} if kappa is None else with_interval(kappa, -1, 1),
    }


def weighted_kappa(predicted: NDArray[np.intp], labels: NDArray[np.int64], group: NDArray[np.intp]) -> Estimate | None:
    """Kappa with quadratic weights, with its variance by the delta method; None if the error by chance is zero.

    One minus the mean squared difference divided by that of independent predictions and labels.
    """
    guess, truth = predicted.astype(np.float64), labels.astype(np.float64)
    observed = (guess - truth) ** 2
    squares = guess**2 + truth**2
    by_chance = float(squares.mean() - 2 * guess.mean() * truth.mean())
    if by_chance <= 0:
        return None
    ratio = float(observed.mean()) / by_chance
    of_chance = (
        squares - squares.mean() - 2 * (truth.mean() * (guess - guess.mean()) + guess.mean() * (truth - truth.mean()))
    )
    influence = (ratio * of_chance - (observed - observed.mean())) / by_chance / len(labels)
    return linearised(1 - ratio, influence, group)
