"""Inputs computed once for each picture and view, and then read from feature stores."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import cycle
from typing import Any, TypeVar

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

Read = Callable[[Sequence[Key]], Any]
"""Reads n pictures in views."""

Compute = Callable[[Any], Sequence[NDArray[np.float32]]]
"""Computes features (n, *shape) of the n pictures that were read, for each store."""

Made = TypeVar("Made")


class StoredInputs:
    """Concatenated features from stores.

    Args:
        stores: stores of the features, whose shapes may differ only in their first dimension.
        picture: (n,) digests of the artworks' pictures.
        views: names of the views.
    """

    def __init__(self, stores: Sequence[FeatureStore], picture: NDArray[np.object_], views: Sequence[str]) -> None:
        self.stores = list(stores)
        self.picture = picture
        self.views = list(views)

    def read(self, rows: NDArray[np.intp], view: NDArray[np.intp], seed: NDArray[np.uint64]) -> NDArray[Any]:
        """Features (B, *shape) float32."""
        keys = [(self.picture[row], self.views[name]) for row, name in zip(rows, view, strict=True)]
        return np.concatenate([store.read(keys) for store in self.stores], axis=1)

    def with_pictures(self, picture: NDArray[np.object_], views: Sequence[str]) -> StoredInputs:
        """The inputs extended by more pictures, whose features must be stored as well.

        Args:
            picture: (m,) digests of the additional pictures.
            views: names of all views, existing ones first.
        """
        return StoredInputs(self.stores, np.r_[self.picture, picture], views)


def stored_inputs(
    stores: Sequence[FeatureStore],
    artworks: Artworks,
    views: Sequence[str],
    read: Read,
    computes: Sequence[Compute],
    batch: int,
) -> PreparedInputs:
    """The inputs of a run from stores, with missing features computed.

    Args:
        stores: stores of the extractors.
        artworks: artworks of the run.
        views: views of training artworks; the first is the identity, the only view of all others.
        read: reads at most `batch` pictures in views.
        computes: for each device, computes their features for each store.
        batch: number of pictures that a device computes at a time.
    """
    # All views of a picture are adjacent, so that it is decoded only once.
    train = [(picture, view) for picture in artworks.picture[artworks.indices("train")] for view in views]
    rest = [(picture, "identity") for picture in artworks.picture]
    fill(stores, list(dict.fromkeys([*train, *rest])), read, computes, batch)
    inputs = StoredInputs(stores, artworks.picture, views)
    moments = [_moments(store, train) for store in stores]
    mean, deviation = (torch.from_numpy(np.concatenate(part)).float() for part in zip(*moments, strict=True))
    return PreparedInputs(inputs, inputs, Standardise(mean, deviation))


class JoinedInputs:
    """Concatenation of several inputs of the same artworks."""

    def __init__(self, parts: Sequence[StoredInputs]) -> None:
        self.parts = list(parts)

    def read(self, rows: NDArray[np.intp], view: NDArray[np.intp], seed: NDArray[np.uint64]) -> NDArray[Any]:
        """Features (B, D) float32."""
        return np.concatenate([part.read(rows, view, seed) for part in self.parts], axis=1)

    def with_pictures(self, picture: NDArray[np.object_], views: Sequence[str]) -> JoinedInputs:
        """The inputs extended by more pictures; see `StoredInputs.with_pictures`."""
        return JoinedInputs([part.with_pictures(picture, views) for part in self.parts])


def join_inputs(parts: Sequence[PreparedInputs]) -> PreparedInputs:
    """Concatenates the stored vectors of several networks to the inputs of one run."""
    standardise = [part.input_transform for part in parts if isinstance(part.input_transform, Standardise)]
    return PreparedInputs(
        JoinedInputs([part.training for part in parts if isinstance(part.training, StoredInputs)]),
        JoinedInputs([part.evaluation for part in parts if isinstance(part.evaluation, StoredInputs)]),
        Standardise(torch.cat([part.mean for part in standardise]), torch.cat([part.std for part in standardise])),
    )


def fill(
    stores: Sequence[FeatureStore], required: Sequence[Key], read: Read, computes: Sequence[Compute], batch: int
) -> None:
    """Computes the features missing from any of the stores, in one pass over the pictures.

    Devices take one batch each at a time; what is stored does not depend on their number. Meanwhile, the next batches
    are read and the last ones are written. A second process waits for the first, and a rerun after a kill resumes where
    it stopped.
    """
    if not missing_in(stores, required):
        return
    with ExitStack() as opened:
        # In a fixed order, to avoid deadlocks between processes.
        for folder in sorted(store.folder for store in stores):
            opened.enter_context(FileLock(folder / "compute.lock"))
        missing = missing_in(stores, required)
        batches = [missing[start : start + batch] for start in range(0, len(missing), batch)]
        reader, writer, *devices = (opened.enter_context(ThreadPoolExecutor(1)) for _ in range(2 + len(computes)))
        pictures = _in_order((reader.submit(read, keys) for keys in batches), ahead=len(computes))
        turns = zip(cycle(devices), cycle(computes), pictures)
        features = _in_order((device.submit(compute, some) for device, compute, some in turns), len(computes) - 1)
        done = zip(batches, features, strict=True)
        written = _in_order((writer.submit(write_missing, stores, keys, made) for keys, made in done), ahead=1)
        for _ in progress_bar(written, "computing features", len(missing), batch):
            pass


def _in_order(work: Iterable[Future[Made]], ahead: int) -> Iterator[Made]:
    """Yields the results of work in order.

    Args:
        work: work that is begun as it is iterated.
        ahead: how much more of it is begun before a result is waited for.
    """
    begun: deque[Future[Made]] = deque()
    for future in work:
        begun.append(future)
        if len(begun) > ahead:
            yield begun.popleft().result()
    yield from (future.result() for future in begun)


def missing_in(stores: Sequence[FeatureStore], keys: Sequence[Key]) -> list[Key]:
    """The keys missing from at least one store, in order."""
    lacking = set[Key]().union(*(store.missing(keys) for store in stores))
    return [key for key in keys if key in lacking]


def write_missing(stores: Sequence[FeatureStore], keys: Sequence[Key], features: Sequence[NDArray[np.float32]]) -> None:
    """Writes to each store its features (n, *shape) of the keys that it lacks."""
    for store, values in zip(stores, features, strict=True):
        lacking = set(store.missing(keys))
        rows = [row for row, key in enumerate(keys) if key in lacking]
        if rows:
            store.write([keys[row] for row in rows], values[rows])


def _moments(store: FeatureStore, keys: Sequence[Key]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(C,) mean and standard deviation of each channel of stored features."""
    count, total, square = 0, np.zeros(store.shape[0]), np.zeros(store.shape[0])
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        values = store.read(chunk).astype(np.float64).reshape(len(chunk), store.shape[0], -1)
        count += values.shape[0] * values.shape[2]
        total += values.sum(axis=(0, 2))
        square += (values**2).sum(axis=(0, 2))
    mean = total / count
    return mean, np.sqrt(np.maximum(square / count - mean**2, 0))
