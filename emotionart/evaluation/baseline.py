"""What a model must beat."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Inverse regularisation strengths among which logistic regression chooses."""


def majority_probabilities(training_labels: NDArray[np.int64], count: int, classes: int) -> NDArray[np.float64]:
    """The same prediction for each of `count` artworks: the class frequencies of the training part, (count, K).

    Its most probable class is the most frequent one, so that its accuracy is the majority baseline's.
    """
    shares = np.bincount(training_labels, minlength=classes) / len(training_labels)
    return np.tile(shares, (count, 1))


def logistic_probabilities(
    features: Mapping[str, NDArray[np.float32]], label: Mapping[str, NDArray[np.int64]], classes: int
) -> dict[str, NDArray[np.float64]]:
    """Predictions (n, K) of logistic regression for each part.

    Features are standardised on the training part; among `STRENGTHS`, the one with the lowest log-loss on validation
    is taken.

    Args:
        features: (n, D) of each part; "train" and "validation" must be among them.
        label: (n,) of those two.
        classes: number K; a class that training does not have gets probability 0.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def predict(model: object, part: str) -> NDArray[np.float64]:
        found = np.zeros((len(features[part]), classes))
        found[:, model.classes_] = model.predict_proba(features[part])  # type: ignore[attr-defined]
        return found

    def loss(model: object) -> float:
        right = predict(model, "validation")[np.arange(len(label["validation"])), label["validation"]]
        return float(-np.log(np.clip(right, 1e-7, None)).mean())

    models = [
        make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=1000)).fit(
            features["train"], label["train"]
        )
        for strength in STRENGTHS
    ]
    best = min(models, key=loss)
    return {part: predict(best, part) for part in features}
