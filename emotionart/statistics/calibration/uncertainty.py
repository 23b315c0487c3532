"""Uncertainty of predictions, and the part of it due to disagreement of models."""

from __future__ import annotations

import numpy as np
from scipy.special import entr

from emotionart.statistics.estimate import Array


def entropy(probabilities: Array) -> Array:
    """(...,) entropy of each distribution in nats: 0 for a certain one, log K for a uniform one.

    Args:
        probabilities: (..., K) distributions.
    """
    total: Array = entr(probabilities).sum(axis=-1)
    return total


def mutual_information(probabilities: Array) -> Array:
    """(n,) mutual information between the class and the choice among R models, in nats, 0 to log R.

    The entropy of the mean prediction minus the mean entropy of the predictions: 0 if all models agree, however
    uncertain they are (Houlsby et al. 2011).

    Args:
        probabilities: (R, n, K) predictions of R models.
    """
    spread: Array = np.clip(entropy(probabilities.mean(axis=0)) - entropy(probabilities).mean(axis=0), 0, None)
    return spread
