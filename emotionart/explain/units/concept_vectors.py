"""Concept activation vectors (Kim et al. 2018), and how the classes of works change along them.

A concept activation vector is the normal of a linear classifier's boundary between examples and other works.
`captum.concept.TCAV`, the oracle of the tests, flattens the grid, so that a concept depends on its position, and keeps
activations and vectors in files. Here a work is described by the mean of each unit over the grid, standardised on
training works, and a step along a vector changes all cells alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score

from emotionart.attribution.gradient import captured
from emotionart.attribution.network import as_floats, undisturbed
from emotionart.attribution.unit_layer import UnitLayer
from emotionart.networks.tokens import as_grid
from emotionart.progress import progress_bar

_STRENGTH = 0.01  # inverse regularisation; of 0.01 to 1, the value that finds the gallery's objects best
_FOLDS, _BATCH = 5, 32

Array = NDArray[np.float64]


def concept_vector(examples: Array, others: Array) -> Array:
    """(U,) concept activation vector: the weights of a logistic regression of examples against other works.

    Args:
        examples: (n, U) standardised means of the examples.
        others: (N, U) standardised means of the other works.
    """
    weights: Array = _classifier().fit(*_labelled(examples, others)).coef_[0]
    return weights


def held_out_accuracy(examples: Array, others: Array) -> float:
    """Balanced accuracy of the classifier of `concept_vector` in five-fold cross-validation; 0.5 is chance.

    Args:
        examples, others: as for `concept_vector`.
    """
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    return float(
        cross_val_score(_classifier(), *_labelled(examples, others), cv=folds, scoring="balanced_accuracy").mean()
    )


@dataclass(frozen=True)
class Sensitivities:
    """Derivatives of each work's class along a vector (conceptual sensitivity, Kim et al. 2018).

    Attributes:
        gradients: (n, U) normalised gradients from `class_gradients`.
        label: (n,) classes of the works.
        classes: (S,) classes that have works.
    """

    gradients: Array
    label: NDArray[np.int64]
    classes: NDArray[np.int64]

    def along(self, vector: Array) -> Array:
        """(2, S): the TCAV score and the mean derivative of each class along a vector (U,)."""
        derivative = self.gradients @ vector
        by_class = [derivative[self.label == k] for k in self.classes]
        return np.array([[(values > 0).mean() for values in by_class], [values.mean() for values in by_class]])


def class_gradients(layer: UnitLayer, works: NDArray[np.uint8], label: NDArray[np.int64], scale: Array) -> Array:
    """(n, U) gradient of the log-odds of each work's class with respect to the standardised units, of length 1.

    A unit changes by the same amount in all cells. The log-odds have the direction of the probability's gradient, but
    do not saturate where the probability is nearly 1. A gradient of 0 stays 0.

    Args:
        layer: layer of the units.
        works: (n, size, size, 3) uint8, works.
        label: (n,) classes of the works.
        scale: (U,) standard deviations of the units.
    """
    gradients = []
    starts = range(0, len(works), _BATCH)
    with undisturbed(layer.network):
        for start in progress_bar(starts, "gradients of classes", len(works), _BATCH):
            true = torch.from_numpy(label[start : start + _BATCH])[:, None]
            with captured(layer.module) as caught:
                logits = layer.network(as_floats(works[start : start + _BATCH])).double()
            others = logits.scatter(1, true, -torch.inf).logsumexp(1)
            (gradient,) = torch.autograd.grad((logits.gather(1, true)[:, 0] - others).sum(), caught["output"])
            gradients.append(as_grid(gradient).sum((2, 3)).double().numpy())
    scaled = np.concatenate(gradients) * scale
    length = np.linalg.norm(scaled, axis=1, keepdims=True)
    unit: Array = scaled / np.where(length == 0, 1, length)
    return unit


def _classifier() -> LogisticRegression:
    return LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=1000)


def _labelled(examples: Array, others: Array) -> tuple[Array, NDArray[np.intp]]:
    return np.concatenate([examples, others]), np.repeat((1, 0), (len(examples), len(others)))
