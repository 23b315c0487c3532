"""What a model must beat, on the artworks of its own run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emotionart.data.artworks import PARTS, Artworks
from emotionart.data.loader import Inputs
from emotionart.evaluation.baseline import logistic_probabilities, majority_probabilities
from emotionart.experiment.result import Probabilities

_CHUNK = 1024


def majority_baseline(artworks: Artworks) -> Probabilities:
    """The training part's class frequencies for every artwork."""
    train = artworks.label[artworks.members("train")]
    return {part: majority_probabilities(train, len(artworks.members(part)), len(artworks.classes)) for part in PARTS}


def logistic_baseline(artworks: Artworks, inputs: Inputs) -> Probabilities:
    """Logistic regression on stored features, averaged over space; its strength is chosen on validation."""
    label = {part: artworks.label[artworks.members(part)] for part in ("train", "validation")}
    return logistic_probabilities(read_features(artworks, inputs), label, len(artworks.classes))


def read_features(artworks: Artworks, inputs: Inputs) -> dict[str, NDArray[np.float32]]:
    """Stored features (n, D) of each part, averaged over space."""
    features = {}
    for part in PARTS:
        members = artworks.members(part)
        chunks = [members[start : start + _CHUNK] for start in range(0, len(members), _CHUNK)]
        zeros = np.zeros(_CHUNK, dtype=np.intp)
        read = [inputs.read(chunk, zeros[: len(chunk)], zeros[: len(chunk)].astype(np.uint64)) for chunk in chunks]
        features[part] = np.concatenate([values.reshape(*values.shape[:2], -1).mean(axis=2) for values in read])
    return features
