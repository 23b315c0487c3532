"""Baselines on the artworks of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotionart.classifier.evaluation.result import Probabilities
from emotionart.data.artworks import SPLITS, Artworks
from emotionart.data.loader import Inputs
from emotionart.statistics.baseline import fit_logistic, majority_probabilities, predict_logistic

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

_CHUNK = 1024


def majority_baseline(artworks: Artworks) -> Probabilities:
    """The training split's class frequencies as the probabilities of every artwork."""
    train = artworks.label[artworks.indices("train")]
    return {part: majority_probabilities(train, len(artworks.indices(part)), len(artworks.classes)) for part in SPLITS}


@dataclass(frozen=True)
class LogisticBaseline:
    """Logistic regression on stored features, with the networks' targets; its penalty is chosen on validation.

    Attributes:
        features: (n, D) features of each part, averaged over space.
        model: regression fitted on the training split.
        probabilities: (n, K) probabilities of each part.
    """

    features: dict[str, NDArray[np.float32]]
    model: Pipeline
    probabilities: Probabilities


def logistic_baseline(artworks: Artworks, inputs: Inputs) -> LogisticBaseline:
    """Fits the regression on the stored features of a run's artworks."""
    features, classes = read_features(artworks, inputs), len(artworks.classes)
    model = fit_logistic(features, {part: artworks.target[artworks.indices(part)] for part in ("train", "validation")})
    return LogisticBaseline(
        features, model, {part: predict_logistic(model, values, classes) for part, values in features.items()}
    )


def read_features(artworks: Artworks, inputs: Inputs) -> dict[str, NDArray[np.float32]]:
    """The stored features (n, D) of each part, averaged over space."""
    features = {}
    for part in SPLITS:
        members = artworks.indices(part)
        chunks = [members[start : start + _CHUNK] for start in range(0, len(members), _CHUNK)]
        zeros = np.zeros(_CHUNK, dtype=np.intp)
        read = [inputs.read(chunk, zeros[: len(chunk)], zeros[: len(chunk)].astype(np.uint64)) for chunk in chunks]
        features[part] = np.concatenate([values.reshape(*values.shape[:2], -1).mean(axis=2) for values in read])
    return features
