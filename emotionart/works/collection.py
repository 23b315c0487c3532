"""Pictures with their features and probabilities by a trained classifier."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from emotionart.classifier.predictor import Predictor
from emotionart.data.pictures.decode import decode, picture_digest, read_file
from emotionart.data.pictures.unreadable import none_readable, use_readable
from emotionart.inputs.looked_up import LookedUp
from emotionart.inputs.representation import Pixels
from emotionart.progress import progress_bar

_BATCH = 64
_SMALL = 32  # side in pixels at which a picture is decoded to check that it is readable


@dataclass(frozen=True)
class Collection:
    """The readable pictures, in the given order.

    Attributes:
        image: (n,) paths.
        id: (n,) digests of the pictures' bytes.
        features: (n, D) float32, inputs of the classifier's head, grids averaged over space, normalised to length 1, so
            that inner products are cosines; (n, 0) for a classifier on pixels.
        probabilities: (n, K) probabilities of the classes.
        classes: names of the K classes.
        unreadable: path of each other picture -> why it cannot be read.
    """

    image: tuple[str, ...]
    id: NDArray[np.object_]
    features: NDArray[np.float32]
    probabilities: NDArray[np.float64]
    classes: tuple[str, ...]
    unreadable: dict[str, str]

    def without(self, ids: Set[str], paths: Set[str]) -> Collection:
        """The collection without the pictures with these digests or resolved paths."""
        known = [id in ids or str(Path(path).resolve()) in paths for id, path in zip(self.id, self.image, strict=True)]
        rows = np.flatnonzero(~np.array(known, dtype=bool))
        image = tuple(self.image[row] for row in rows)
        return replace(
            self, image=image, id=self.id[rows], features=self.features[rows], probabilities=self.probabilities[rows]
        )


def read_collection(predictor: Predictor, paths: Sequence[str], cache: Path) -> Collection:
    """Features and probabilities of pictures; a frozen network's features are computed once and stored under `cache`.

    Raises:
        UserError: if none of the pictures can be read.
    """
    unreadable: dict[str, str] = {}
    image: list[str] = []
    digest: list[str] = []
    features: list[NDArray[np.float32]] = []
    probabilities: list[NDArray[np.float64]] = []
    batches = [paths[start : start + _BATCH] for start in range(0, len(paths), _BATCH)]
    with LookedUp(predictor.representation, cache) as inputs:
        for batch in progress_bar(batches, "looking at pictures", len(paths), _BATCH):
            files, bad = use_readable(batch, partial(_read, inputs))
            unreadable |= bad
            if files:
                encoded = inputs.encode(list(files.values()))
                image += files
                digest += map(picture_digest, files.values())
                features.append(_features(predictor, encoded))
                probabilities.append(predictor.classifier.probabilities(encoded))
    if not image:
        raise none_readable(unreadable)
    return Collection(
        tuple(image),
        np.array(digest, dtype=object),
        np.concatenate(features),
        np.concatenate(probabilities),
        predictor.classes,
        unreadable,
    )


def _read(inputs: LookedUp, path: Path) -> bytes:
    """The bytes of a picture that is known or can be decoded.

    Raises:
        PictureError: if it cannot be read.
    """
    file = read_file(path)
    if not inputs.knows(file):
        decode(file, _SMALL)
    return file


@torch.inference_mode()
def _features(predictor: Predictor, encoded: torch.Tensor) -> NDArray[np.float32]:
    """Features (B, D) of length 1; (B, 0) for a classifier on pixels."""
    if isinstance(predictor.representation, Pixels):
        return np.empty((len(encoded), 0), np.float32)
    found = predictor.classifier.input(encoded.to(predictor.classifier.device))
    vectors = found.flatten(2).mean(2) if found.ndim > 2 else found
    features: NDArray[np.float32] = torch.nn.functional.normalize(vectors, dim=1).cpu().numpy()
    return features
