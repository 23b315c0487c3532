"""What a model must beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def majority_probabilities(training_labels: NDArray[np.int64], count: int, classes: int) -> NDArray[np.float64]:
    """The same prediction for each of `count` artworks: the class frequencies of the training part, (count, K).

    Its most probable class is the most frequent one, so that its accuracy is the majority baseline's.
    """
    shares = np.bincount(training_labels, minlength=classes) / len(training_labels)
    return np.tile(shares, (count, 1))
