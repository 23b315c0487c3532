"""Baselines: the most frequent class, and logistic regression on features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Candidate inverse regularisation strengths of logistic regression."""


def majority_share(labels: NDArray[np.int64]) -> float:
    """Share of the most frequent class: the accuracy of always predicting it.

    Args:
        labels: (n,) classes, n > 0.
    """
    return float(np.bincount(labels).max() / len(labels))


def majority_probabilities(training_labels: NDArray[np.int64], count: int, classes: int) -> NDArray[np.float64]:
    """(count, K): the training split's class frequencies as the prediction for each of `count` artworks.

    Its most probable class is the most frequent one, so its accuracy is that of the majority baseline.
    """
    shares = np.bincount(training_labels, minlength=classes) / len(training_labels)
    return np.tile(shares, (count, 1))


def fit_logistic(features: Mapping[str, NDArray[np.float32]], target: Mapping[str, NDArray[np.float32]]) -> Pipeline:
    """Logistic regression on features standardised on the training split, as a scikit-learn pipeline.

    Like networks, it minimises cross-entropy to distributions over classes. The regularisation is the one of
    `STRENGTHS` with the lowest cross-entropy on validation.

    Args:
        features: split -> (n, D) features; "train" and "validation" are required.
        target: split -> (n, K) targets of these two: shares of votes, or one-hot classes.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(features["train"])
    row, place, share = as_weighted_labels(target["train"])
    values = scaler.transform(features["train"])[row]

    def loss(model: Pipeline) -> float:
        predicted = predict_logistic(model, features["validation"], target["validation"].shape[1])
        return float(-(target["validation"] * np.log(np.clip(predicted, 1e-7, None))).sum(axis=1).mean())

    models = [
        make_pipeline(scaler, LogisticRegression(C=strength, max_iter=1000).fit(values, place, sample_weight=share))
        for strength in STRENGTHS
    ]
    return min(models, key=loss)


def as_weighted_labels(target: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """Distributions over classes as weighted labels: each artwork is repeated for each of its classes.

    Args:
        target: (n, K) distributions.

    Returns:
        Row, class and weight of each label, (m,) each; weighted cross-entropy to them equals that to the distributions.
    """
    row, place = np.nonzero(target)
    return row, place, target[row, place]


def predict_logistic(model: Pipeline, values: NDArray[np.float32], classes: int) -> NDArray[np.float64]:
    """(n, K) probabilities for features (n, D); classes absent from training get probability 0."""
    probabilities = np.zeros((len(values), classes))
    probabilities[:, model.classes_] = model.predict_proba(values)
    return probabilities
