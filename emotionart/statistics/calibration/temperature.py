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

PRIOR = 0.5
"""Standard deviation of log T before any artwork is seen: T is between 0.38 and 2.7 with a probability of 95 %."""

_SMALLEST = float(np.finfo(np.float64).tiny)  # probabilities are clipped to this before taking logarithms
_COARSE = 32  # steps of the search for the neighbourhood of the minimum


def fit_temperature(probabilities: Array, target: NDArray[Any], prior: float = PRIOR) -> float:
    """The most probable temperature, given probabilities and targets (maximum a posteriori).

    It minimises the cross-entropy of n artworks (Guo et al. 2017) plus (log T)² / (2 n prior²), the term of a normal
    prior of log T. A few artworks thus leave the temperature near 1, and many decide it alone; `studies/temperature.py`
    compares it with others. Above 1, the model was overconfident; below 1, underconfident.

    Args:
        probabilities: (n, K) predicted probabilities, n > 0.
        target: (n, K) shares of votes, or one-hot true classes.
        prior: standard deviation of log T; infinite for maximum likelihood.

    Returns:
        A temperature from `LOWEST` to `HIGHEST`.
    """
    logits = np.log(np.clip(probabilities, _SMALLEST, None))
    weight = 1 / (2 * len(target) * prior**2)

    def loss(log_temperature: float) -> float:
        scaled = logits * np.exp(-log_temperature)
        cross_entropy = float((logsumexp(scaled, axis=1) - (target * scaled).sum(axis=1)).mean())
        return cross_entropy + weight * log_temperature**2

    # The cross-entropy is convex in 1 / T and the prior in log T, so their sum may have several minima.
    steps = np.linspace(np.log(LOWEST), np.log(HIGHEST), _COARSE + 1)
    near = int(np.argmin([loss(step) for step in steps]))
    bounds = (steps[max(near - 1, 0)], steps[min(near + 1, _COARSE)])
    optimum = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-6})
    return float(np.exp(optimum.x))


def apply_temperature(probabilities: Array, temperature: float) -> Array:
    """(n, K) probabilities with logits divided by a temperature; the order of the classes does not change."""
    scaled: Array = softmax(np.log(np.clip(probabilities, _SMALLEST, None)) / temperature, axis=1)
    return scaled
