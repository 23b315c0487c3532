"""Inputs that are computed once from each picture and view, and read from the feature store after that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from filelock import FileLock
from numpy.typing import NDArray

from emotionart.data.artworks import Artworks
from emotionart.data.pictures.store import FeatureStore, Key
from emotionart.inputs.representation import PreparedInputs
from emotionart.networks.heads import Standardise
from emotionart.progress import progress_bar

_CHUNK = 1024  # stored features that are summed at a time

Compute = Callable[[Sequence[Key]], NDArray[np.float32]]


class StoredInputs:
    """Features from the store.

    Args:
        store: that holds them.
        picture: (n,) digests of the artworks' pictures.
        views: names of the views.
    """

    def __init__(self, store: FeatureStore, picture: NDArray[np.object_], views: Sequence[str]) -> None:
        self.store = store
        self.picture = picture
        self.views = list(views)

    def read(self, rows: NDArray[np.intp], view: NDArray[np.intp], seed: NDArray[np.uint64]) -> NDArray[Any]:
        """Features (B, *shape) float32."""
        return self.store.read([(self.picture[row], self.views[name]) for row, name in zip(rows, view, strict=True)])


def stored_inputs(
    store: FeatureStore, artworks: Artworks, views: Sequence[str], compute: Compute, batch: int
) -> PreparedInputs:
    """The inputs of a run from the store, after what is missing has been computed.

    A second process waits for the first, and a rerun after a kill goes on where it stopped.

    Args:
        store: of the extractor.
        artworks: of the run.
        views: of training artworks; the first is the identity, in which all others are.
        compute: features (n, *shape) of at most `batch` pictures in views.
        batch: how many are computed and stored at a time.
    """
    # All views of a picture in a row, so that it is decoded once for them.
    train = [(picture, view) for picture in artworks.picture[artworks.indices("train")] for view in views]
    rest = [(picture, "identity") for picture in artworks.picture]
    wanted = dict.fromkeys([*train, *rest])
    if store.missing(wanted):
        with FileLock(store.folder / "compute.lock"):
            missing = store.missing(wanted)
            batches = [missing[start : start + batch] for start in range(0, len(missing), batch)]
            for keys in progress_bar(batches, f"computing features of {len(missing)} pictures", len(batches)):
                store.write(keys, compute(keys))
    inputs = StoredInputs(store, artworks.picture, views)
    return PreparedInputs(inputs, inputs, _standardise(store, train))


def _standardise(store: FeatureStore, keys: Sequence[Key]) -> Standardise:
    """Standardisation by the mean and deviation of stored features, channel by channel."""
    count, total, square = 0, np.zeros(store.shape[0]), np.zeros(store.shape[0])
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        values = store.read(chunk).astype(np.float64).reshape(len(chunk), store.shape[0], -1)
        count += values.shape[0] * values.shape[2]
        total += values.sum(axis=(0, 2))
        square += (values**2).sum(axis=(0, 2))
    mean = total / count
    deviation = np.sqrt(np.maximum(square / count - mean**2, 0))
    return Standardise(torch.from_numpy(mean).float(), torch.from_numpy(deviation).float())
