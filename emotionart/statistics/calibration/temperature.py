"""Temperature scaling: calibration by a single parameter (Guo et al. 2017)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp, softmax

from emotionart.statistics.estimate import Array

LOWEST, HIGHEST = 0.05, 20.0
"""Range of temperatures to search."""
_SMALLEST = float(np.finfo(np.float64).tiny)  # probabilities are clipped to this before taking logarithms


def fit_temperature(probabilities: Array, target: NDArray[Any]) -> float:
    """The temperature that minimises the cross-entropy of probabilities to targets.

    Above 1, the model was overconfident; below 1, underconfident. Targets are smoothed by one additional artwork of
    each class (Platt 1999, for two classes), as a model that is right on all of a few artworks should not become
    certain.

    Args:
        probabilities: (n, K) predicted probabilities, n > 0.
        target: (n, K) shares of votes, or one-hot true classes.

    Returns:
        A temperature from `LOWEST` to `HIGHEST`.
    """
    count, classes = target.shape
    smoothed = (count * target.astype(np.float64) + 1) / (count + classes)
    logits = np.log(np.clip(probabilities, _SMALLEST, None))

    def loss(log_temperature: float) -> float:
        scaled = logits * np.exp(-log_temperature)
        return float((logsumexp(scaled, axis=1) - (smoothed * scaled).sum(axis=1)).mean())

    # Convex in 1 / T, so there is a single minimum.
    found = minimize_scalar(loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))


def apply_temperature(probabilities: Array, temperature: float) -> Array:
    """(n, K) probabilities with logits divided by a temperature; the order of the classes does not change."""
    scaled: Array = softmax(np.log(np.clip(probabilities, _SMALLEST, None)) / temperature, axis=1)
    return scaled
