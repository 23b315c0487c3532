"""Arrays for each picture of a table, computed once and stored by the picture's bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotionart.cores import available_cores
from emotionart.data.pictures.decode import MEMORY, PictureError, picture_digest, read_file
from emotionart.data.pictures.store import FeatureStore
from emotionart.progress import progress_bar

_AT_ONCE = 512  # pictures per write to the stores, each of which waits for the disk
_IN_A_ROW = 32  # pictures per job of a thread
_VIEW = "survey"

Found = tuple[NDArray[Any], ...]


@dataclass(frozen=True)
class Kept:
    """One array per picture, and its store.

    Attributes:
        name: name of the store in the cache's `features`, with the version of the computation.
        shape: shape of the array.
        dtype: "float32" or "uint8".
    """

    name: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class PictureArrays:
    """Arrays for the pictures of a table, in its order.

    Attributes:
        id: (n,) BLAKE2b of each file's bytes (128 bits, hexadecimal), "" if it cannot be read.
        reason: (n,) why a picture cannot be read, "" if it can.
        arrays: the arrays (n, …), zeros for unreadable pictures.
    """

    id: NDArray[np.object_]
    reason: NDArray[np.object_]
    arrays: Found


def compute_once(
    paths: Sequence[str], kept: Sequence[Kept], look: Callable[[bytes], Found], title: str, cache: Path
) -> PictureArrays:
    """Arrays of every picture, computed if they are not stored yet. An interrupted call resumes where it stopped.

    Args:
        paths: paths of the pictures.
        kept: the arrays that `look` returns, in its order.
        look: computes them from the bytes of a file; it may raise `PictureError`.
        title: title of the progress bar.
        cache: folder in which the arrays are stored.
    """
    ids: list[str] = []
    reasons: list[str] = []
    arrays = tuple(np.zeros((len(paths), *one.shape), one.dtype) for one in kept)
    with ExitStack() as stack:
        stores = [stack.enter_context(_store(cache, one)) for one in kept]
        pool = stack.enter_context(ThreadPoolExecutor(available_cores()))

        def read(path: str) -> tuple[str, str, Found | None]:
            try:
                source = read_file(Path(path))
                id = picture_digest(source)
                stored = not any(store.missing([(id, _VIEW)]) for store in stores)
                with MEMORY.held():
                    return id, "", None if stored else look(source)
            except PictureError as error:
                return "", error.reason, None

        progress = progress_bar(range(len(paths)), title, len(paths))
        for start in range(0, len(paths), _AT_ONCE):
            some = paths[start : start + _AT_ONCE]
            rows = [some[first : first + _IN_A_ROW] for first in range(0, len(some), _IN_A_ROW)]
            results = [one for row in pool.map(lambda row: [read(path) for path in row], rows) for one in row]
            new = {id: values for id, _, values in results if values is not None}
            if new:
                for store, values in zip(stores, zip(*new.values(), strict=True), strict=True):
                    _write(store, dict(zip(new, values, strict=True)))
            readable = [index for index, (id, _, _) in enumerate(results) if id]
            for array, store in zip(arrays, stores, strict=True):
                array[[start + index for index in readable]] = store.read(
                    [(results[index][0], _VIEW) for index in readable]
                )
            for id, reason, _ in results:
                ids.append(id)
                reasons.append(reason)
                next(progress)
        next(progress, None)
    return PictureArrays(np.array(ids, dtype=object), np.array(reasons, dtype=object), arrays)


def _write(store: FeatureStore, values: Mapping[str, NDArray[Any]]) -> None:
    """Writes missing values; a complete read-only store needs no writing."""
    lacking = store.missing([(id, _VIEW) for id in values])
    if lacking:
        store.write(lacking, np.stack([values[id] for id, _ in lacking]))


def _store(cache: Path, kept: Kept) -> FeatureStore:
    return FeatureStore(cache / "features" / kept.name, {"name": kept.name}, kept.shape, kept.dtype)
