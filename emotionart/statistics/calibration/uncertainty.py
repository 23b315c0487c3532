"""How uncertain a prediction is, and how much of that is models that disagree."""

from __future__ import annotations

import numpy as np
from scipy.special import entr

from emotionart.statistics.estimate import Array


def entropy(probabilities: Array) -> Array:
    """Entropy of each distribution, in nats: 0 for a certain one, log K for equal shares.

    Args:
        probabilities: (..., K).
    """
    total: Array = entr(probabilities).sum(axis=-1)
    return total


def mutual_information(probabilities: Array) -> Array:
    """What knowing which of R models is right would tell of each class, (n,), in nats, 0 to log R.

    The entropy of the mean prediction less the mean entropy of predictions: 0 where all models agree, however unsure
    they are (Houlsby et al. 2011).

    Args:
        probabilities: (R, n, K) of R models.
    """
    spread: Array = np.clip(entropy(probabilities.mean(axis=0)) - entropy(probabilities).mean(axis=0), 0, None)
    return spread
