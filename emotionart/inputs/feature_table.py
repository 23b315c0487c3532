"""Tables of features of any pictures, computed in parallel and stored, so that nothing is computed twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotionart.cores import available_cores
from emotionart.data.pictures.decode import MEMORY, PictureError, load_picture, picture_digest, read_file
from emotionart.data.pictures.store import FeatureStore, Key, open_store
from emotionart.data.tables.cells import nearest_files, write_cells
from emotionart.data.tables.layouts.folder import no_picture, picture_files
from emotionart.errors import UserError, suggest
from emotionart.features.vectors import (
    FEATURE_SETS,
    GROUPS,
    FeatureSettings,
    compute,
    describe_extractor,
    feature_names,
)
from emotionart.progress import progress_bar

if TYPE_CHECKING:
    import pandas as pd

_CHUNK = 64  # pictures per job of a thread, and the most that are lost when the process is killed
_VIEW = "identity"

Measured = tuple[str, str]
"""Digest of a picture's bytes, and the reason why it cannot be read, or ""."""


@dataclass(frozen=True)
class FeatureTable:
    """Features of pictures, in the given order.

    Attributes:
        image: (n,) paths.
        id: (n,) BLAKE2b of each file's bytes (128 bits, hexadecimal), "" if it cannot be read.
        reason: (n,) why a picture cannot be read, "" if it can.
        names: names of the D features.
        values: (n, D) float32; NaN for unreadable pictures.
    """

    image: tuple[str, ...]
    id: NDArray[np.object_]
    reason: NDArray[np.object_]
    names: tuple[str, ...]
    values: NDArray[np.float32]

    def readable(self) -> FeatureTable:
        """The table without unreadable pictures."""
        kept = np.flatnonzero(self.reason == "")
        image = tuple(self.image[row] for row in kept)
        return FeatureTable(image, self.id[kept], self.reason[kept], self.names, self.values[kept])

    def frame(self) -> pd.DataFrame:
        """Image, id and the features as columns."""
        import pandas as pd

        features = pd.DataFrame(self.values, columns=list(self.names))
        return pd.concat([pd.DataFrame({"image": self.image, "id": self.id}), features], axis=1)

    def write(self, path: Path) -> None:
        """Writes `frame` atomically, as Parquet or CSV depending on the file's ending."""
        write_cells(self.frame(), path)


def require_sets(sets: Sequence[str], where: str) -> None:
    """Checks names of feature sets.

    Raises:
        UserError: for an unknown name; it suggests the nearest.
    """
    for name in sets:
        if name not in FEATURE_SETS:
            listing = "".join(f"\n    {set_name:<16} {_describe(set_name)}" for set_name in FEATURE_SETS)
            raise UserError(
                f"There is no feature set {name!r}. There are:{listing}",
                where=where,
                suggestions=suggest(name, FEATURE_SETS),
            )


def _describe(name: str) -> str:
    return GROUPS[name].description if name in GROUPS else f"all of {', '.join(FEATURE_SETS[name])}"


def find_pictures(paths: Sequence[Path]) -> list[str]:
    """The files among `paths`, and the sorted pictures in the folders among them and their subfolders, without repeats.

    In a folder, pictures are recognised by their endings, and names starting with a dot are left out.

    Raises:
        UserError: for a missing path, or a folder without pictures.
    """
    pictures: list[str] = []
    for path in paths:
        if not path.exists():
            what = "There is no such picture or folder."
            raise UserError(what, where=str(path), suggestions=nearest_files(path))
        inside = picture_files(path) if path.is_dir() else [str(path)]
        if not inside:
            raise no_picture(path)
        pictures += inside
    return list(dict.fromkeys(pictures))


def measure_pictures(paths: Sequence[str], sets: Sequence[str], settings: FeatureSettings, cache: Path) -> FeatureTable:
    """Features of all pictures, computed if they are not stored yet.

    The store is shared with runs, and keyed by the pictures' bytes, the sets and settings, and the version of the
    feature code. A killed call keeps each finished chunk; the next call computes the rest. One thread per core works,
    since decoding, filtering and matrix products release Python's lock.

    Args:
        paths: paths of the pictures.
        sets: keys of `FEATURE_SETS`.
        settings: settings of the vector `cvfc13`.
        cache: folder of the stores.
    """
    names = feature_names(sets, settings)
    chunks = [paths[start : start + _CHUNK] for start in range(0, len(paths), _CHUNK)]
    extractor = describe_extractor(sets, settings)
    measured: list[Measured] = []
    with (
        open_store(cache, "-".join(sets), extractor, (len(names),)) as store,
        ThreadPoolExecutor(available_cores()) as pool,
    ):
        done = pool.map(lambda chunk: _measure_chunk(chunk, sets, settings, store), chunks)
        for chunk, fresh in progress_bar(done, "computing features", len(paths), _CHUNK):
            measured += chunk
            if fresh:
                store.write(list(fresh), np.stack(list(fresh.values())))
        id, reason = (np.array(column, dtype=object) for column in zip(*measured, strict=True))
        values = np.full((len(paths), len(names)), np.nan, np.float32)
        readable = np.flatnonzero(reason == "")
        values[readable] = store.read([(id[row], _VIEW) for row in readable])
    return FeatureTable(tuple(paths), id, reason, names, values)


def measure_contents(contents: Mapping[str, bytes], sets: Sequence[str], settings: FeatureSettings) -> FeatureTable:
    """Features of pictures whose files have been read, one after another and without a store.

    Args:
        contents: bytes of the files, by name.
        sets: keys of `FEATURE_SETS`.
        settings: settings of the vector `cvfc13`.
    """
    names = feature_names(sets, settings)
    id, reason = (np.full(len(contents), "", dtype=object) for _ in range(2))
    values = np.full((len(contents), len(names)), np.nan, np.float32)
    for row, content in enumerate(contents.values()):
        try:
            values[row] = measure(content, sets, settings)
            id[row] = picture_digest(content)
        except PictureError as error:
            reason[row] = error.reason
    return FeatureTable(tuple(contents), id, reason, names, values)


def measure(source: bytes, sets: Sequence[str], settings: FeatureSettings) -> NDArray[np.float32]:
    """(D,) features of one picture, whose file has been read; waits until its pixels have room in memory.

    Raises:
        emotionart.data.pictures.decode.PictureError: if it cannot be decoded.
    """
    with MEMORY.held():
        return compute(load_picture(source), sets, settings)


def _measure_chunk(
    paths: Sequence[str], sets: Sequence[str], settings: FeatureSettings, store: FeatureStore
) -> tuple[list[Measured], dict[Key, NDArray[np.float32]]]:
    """Reads some pictures, and computes features that are not stored."""
    measured: list[Measured] = []
    fresh: dict[Key, NDArray[np.float32]] = {}
    for path in paths:
        try:
            source = read_file(Path(path))
            key = (picture_digest(source), _VIEW)
            if key not in fresh and store.missing([key]):
                fresh[key] = measure(source, sets, settings)
            measured.append((key[0], ""))
        except PictureError as error:
            measured.append(("", error.reason))
    return measured, fresh
