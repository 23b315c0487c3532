"""Which predictions are taken for labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def choose_confident(
    probabilities: NDArray[np.float64], counts: NDArray[np.int64], confidence: float, most: float
) -> NDArray[np.intp]:
    """The pictures whose most probable class is taken for their label, in order.

    Of each class the most confident predictions, and of all classes the same multiple of their labelled works, so that
    no class grows at another's cost: up to `most` times as many, or as the class with the fewest confident predictions
    allows.

    Args:
        probabilities: (n, K) of pictures without labels.
        counts: (K,) labelled works of each class that is learnt from.
        confidence: least probability of a class that is taken for a label.
        most: pictures taken for each labelled work, at most.
    """
    label, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    ranked = np.argsort(-sure, kind="stable")
    ranked = ranked[sure[ranked] >= confidence]
    by_class = [ranked[label[ranked] == k] for k in range(len(counts))]
    multiple = min((len(rows) / count for rows, count in zip(by_class, counts, strict=True) if count), default=0.0)
    wanted = np.floor(min(most, multiple) * counts + 1e-9).astype(int)
    return np.sort(np.concatenate([rows[:number] for rows, number in zip(by_class, wanted, strict=True)]))
