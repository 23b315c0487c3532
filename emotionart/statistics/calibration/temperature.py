"""Temperature scaling: one number that makes a model as sure as it is right (Guo et al. 2017)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp, softmax

from emotionart.statistics.estimate import Array

LOWEST, HIGHEST = 0.05, 20.0
"""Temperatures among which one is sought."""

_SMALLEST = float(np.finfo(np.float64).tiny)  # probabilities are clipped here before a logarithm is taken


def fit_temperature(probabilities: Array, target: NDArray[Any]) -> float:
    """The temperature under which probabilities have the lowest cross-entropy to what was learnt.

    Above 1 a model was too sure of itself, below 1 not sure enough. Targets are first mixed with equal shares, which
    count as one artwork of each class (as Platt 1999 does for two classes): a model that is right on all of a few
    artworks is not thereby certain.

    Args:
        probabilities: (n, K) predicted, n at least 1.
        target: (n, K) shares of votes, or the true class as one-hot.

    Returns:
        `LOWEST` to `HIGHEST`.
    """
    count, classes = target.shape
    smoothed = (count * target.astype(np.float64) + 1) / (count + classes)
    logits = np.log(np.clip(probabilities, _SMALLEST, None))

    def loss(log_temperature: float) -> float:
        scaled = logits * np.exp(-log_temperature)
        return float((logsumexp(scaled, axis=1) - (smoothed * scaled).sum(axis=1)).mean())

    # Convex in 1 / T, so that there is one minimum.
    found = minimize_scalar(loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))


def apply_temperature(probabilities: Array, temperature: float) -> Array:
    """Probabilities (n, K) whose logits are divided by a temperature; the order of the classes stays."""
    scaled: Array = softmax(np.log(np.clip(probabilities, _SMALLEST, None)) / temperature, axis=1)
    return scaled
