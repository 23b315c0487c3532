"""Chooses the predictions that become pseudo-labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def choose_confident(
    probabilities: NDArray[np.float64], counts: NDArray[np.int64], confidence: float, most: float
) -> NDArray[np.intp]:
    """Positions (m,), in order, of the pictures whose most probable class becomes their pseudo-label.

    The most confident predictions of each class are chosen, the same multiple of the labelled works for all classes, so
    that their proportions stay: at most `most` times as many, and at most what the class with the fewest confident
    predictions allows.

    Args:
        probabilities: (n, K) predicted for pictures without labels.
        counts: (K,) labelled training works of each class.
        confidence: least probability of a pseudo-label.
        most: largest number of pictures per labelled work.
    """
    label, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    ranked = np.argsort(-sure, kind="stable")
    ranked = ranked[sure[ranked] >= confidence]
    by_class = [ranked[label[ranked] == k] for k in range(len(counts))]
    multiple = min((len(rows) / count for rows, count in zip(by_class, counts, strict=True) if count), default=0.0)
    numbers = np.floor(min(most, multiple) * counts + 1e-9).astype(int)
    return np.sort(np.concatenate([rows[:number] for rows, number in zip(by_class, numbers, strict=True)]))
