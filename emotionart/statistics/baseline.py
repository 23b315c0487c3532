"""What a model must beat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Inverse regularisation strengths among which logistic regression chooses."""


def majority_share(labels: NDArray[np.int64]) -> float:
    """The share of the commonest class: how often it is right to name it every time.

    Args:
        labels: (n,), at least one.
    """
    return float(np.bincount(labels).max() / len(labels))


def majority_probabilities(training_labels: NDArray[np.int64], count: int, classes: int) -> NDArray[np.float64]:
    """The same prediction for each of `count` artworks: the class frequencies of the training split, (count, K).

    Its most probable class is the most frequent one, so that its accuracy is the majority baseline's.
    """
    shares = np.bincount(training_labels, minlength=classes) / len(training_labels)
    return np.tile(shares, (count, 1))


def fit_logistic(features: Mapping[str, NDArray[np.float32]], target: Mapping[str, NDArray[np.float32]]) -> Pipeline:
    """Logistic regression on features standardised on the training split, as scikit-learn's pipeline.

    It learns what networks learn: by cross-entropy against a distribution over classes. Among `STRENGTHS`, the one with
    the lowest cross-entropy on validation is taken.

    Args:
        features: (n, D) of each part; "train" and "validation" must be among them.
        target: (n, K) of those two: shares of votes, or the true class as one-hot.
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
    """Distributions over classes as weighted labels: an artwork once for each of its classes.

    Args:
        target: (n, K).

    Returns:
        Row, class and weight of each label; cross-entropy against them is that against the distributions.
    """
    row, place = np.nonzero(target)
    return row, place, target[row, place]


def predict_logistic(model: Pipeline, values: NDArray[np.float32], classes: int) -> NDArray[np.float64]:
    """Probabilities (n, K) of features (n, D); a class that training does not have gets probability 0."""
    found = np.zeros((len(values), classes))
    found[:, model.classes_] = model.predict_proba(values)
    return found
