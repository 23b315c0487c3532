"""What is known of every picture of a table: size, hash, a small grey square, brightness, colours."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotionart.data.pictures.copies import grey_square
from emotionart.data.pictures.decode import (
    MEMORY,
    PictureError,
    decode,
    open_image,
    picture_digest,
    read_file,
)
from emotionart.data.pictures.fit import resize
from emotionart.data.pictures.perceptual_hash import perceptual_hash
from emotionart.data.pictures.polar import SIDE
from emotionart.data.pictures.store import FeatureStore
from emotionart.features.brightness import hsp_brightness
from emotionart.features.colour import dominant_colours
from emotionart.features.picture import COARSE_SIDE, FINE_SIDE, area_averages
from emotionart.progress import progress_bar

_VERSION = 2  # of what is computed: a change makes the stored numbers stale
_COLOURS = 5
_NUMBERS = 2 + 4 + 1 + 4 * _COLOURS
_AT_ONCE = 256  # pictures between two writes to the store
_VIEW = "survey"

_Look = tuple[NDArray[np.float32], NDArray[np.uint8]]


@dataclass(frozen=True)
class Survey:
    """The pictures of a table, in its order; zeros where one cannot be read.

    Attributes:
        id: (n,) BLAKE2b of each file's bytes (128 bits, hexadecimal), "" where it cannot be read.
        reason: (n,) why a picture cannot be read, "" where it can.
        size: (n, 2) width and height in pixels, upright.
        phash: (n,) uint64 perceptual hashes.
        square: (n, SIDE, SIDE) uint8 grey squares in which copies are looked for.
        brightness: (n,) perceived brightness, 0 to 1.
        palette: (n, 5, 4) dominant colours in CIELAB and their shares, the largest first; shares of 0 fill up.
    """

    id: NDArray[np.object_]
    reason: NDArray[np.object_]
    size: NDArray[np.int64]
    phash: NDArray[np.uint64]
    square: NDArray[np.uint8]
    brightness: NDArray[np.float32]
    palette: NDArray[np.float32]


def survey(paths: Sequence[str], cache: Path, workers: int | None = None) -> Survey:
    """Looks at every picture once; what was found is stored by the picture's bytes, so that a second look only reads.

    Memory holds one picture a worker and some 6 kB for each of them all. A killed survey goes on where it stopped.

    Args:
        paths: of the files.
        cache: folder in which the numbers are kept.
        workers: threads; None takes one for each core.
    """
    ids: list[str] = []
    reasons: list[str] = []
    numbers = np.zeros((len(paths), _NUMBERS), np.float32)
    squares = np.zeros((len(paths), SIDE, SIDE), np.uint8)
    with (
        _store(cache, "survey", (_NUMBERS,), "float32") as store,
        _store(cache, "grey", (SIDE, SIDE), "uint8") as grey,
        ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool,
    ):

        def look(path: str) -> tuple[str, str, _Look | None]:
            try:
                source = read_file(Path(path))
                id = picture_digest(source)
                known = not store.missing([(id, _VIEW)]) and not grey.missing([(id, _VIEW)])
                with MEMORY.held():
                    return id, "", None if known else _look(source)
            except PictureError as error:
                return "", error.reason, None

        progress = progress_bar(range(len(paths)), "looking at pictures", len(paths))
        for start in range(0, len(paths), _AT_ONCE):
            found = list(pool.map(look, paths[start : start + _AT_ONCE]))
            new = {id: values for id, _, values in found if values is not None}
            if new:
                keys = [(id, _VIEW) for id in new]
                for written, values in zip((store, grey), zip(*new.values(), strict=True), strict=True):
                    written.write(keys, np.stack(values))
            for id, reason, _ in found:
                row = next(progress)
                ids.append(id)
                reasons.append(reason)
                if id:
                    numbers[row] = store.read([(id, _VIEW)])[0]
                    squares[row] = grey.read([(id, _VIEW)])[0]
        next(progress, None)
    parts = numbers[:, 2:6].astype(np.uint64) << np.array([48, 32, 16, 0], np.uint64)
    return Survey(
        id=np.array(ids, dtype=object),
        reason=np.array(reasons, dtype=object),
        size=numbers[:, :2].astype(np.int64),
        phash=np.bitwise_or.reduce(parts, axis=1),
        square=squares,
        brightness=numbers[:, 6],
        palette=numbers[:, 7:].reshape(-1, _COLOURS, 4),
    )


def _store(cache: Path, name: str, shape: tuple[int, ...], dtype: str) -> FeatureStore:
    about = {"name": name, "version": _VERSION}
    return FeatureStore(cache / "features" / f"{name}-v{_VERSION}", about, shape, dtype)


def _look(source: bytes) -> _Look:
    """A picture's numbers and grey square; the hash in four parts of 16 bits, which 32-bit floats hold exactly."""
    picture = decode(source, FINE_SIDE)
    with open_image(source) as file:
        width, height = file.size
    if (width > height) != (picture.width > picture.height):
        width, height = height, width
    fine, coarse = area_averages(resize(picture, 2 * FINE_SIDE), (FINE_SIDE, COARSE_SIDE))
    colours = dominant_colours(coarse)
    palette = np.zeros((_COLOURS, 4), np.float32)
    palette[: len(colours.weights)] = np.column_stack([colours.lab, colours.weights])
    hashed = perceptual_hash(picture)
    parts = [hashed >> shift & 0xFFFF for shift in (48, 32, 16, 0)]
    numbers = np.array([width, height, *parts, hsp_brightness(fine), *palette.ravel()], np.float32)
    return numbers, grey_square(picture)
