"""An index of the pictures that a classifier has seen, so that unchanged files are not read again."""

from __future__ import annotations

import logging
import os
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from emotionart.errors import UserError
from emotionart.files import atomic_write, may_access

log = logging.getLogger(__name__)

_FILE, _LOCK = "works.npy", "write.lock"
_SETTLED = 2_000_000_000  # ns; some file systems record times in steps of up to two seconds
_NO_STAMP = (-1, -1, -1)
_CHUNK = 1024  # rows that are written at a time

Stamps = NDArray[np.int64]
"""(n, 3) length, modification time and time of the last change of status of files in ns; -1 for a file to be read."""


class Entries(NamedTuple):
    """What a classifier sees in pictures.

    Attributes:
        id: (n,) digests of the pictures' bytes.
        features: (n, D) float32.
        probabilities: (n, K).
    """

    id: NDArray[np.object_]
    features: NDArray[np.float32]
    probabilities: NDArray[np.float64]

    def take(self, rows: NDArray[np.intp]) -> Entries:
        """The pictures at these positions."""
        return Entries(self.id[rows], self.features[rows], self.probabilities[rows])


def join(parts: Sequence[Entries]) -> Entries:
    """The pictures of several parts."""
    some = [part for part in parts if len(part.id)]  # others have no certain number of features
    if not some:
        return Entries(np.empty(0, dtype=object), np.empty((0, 0), np.float32), np.empty((0, 0)))
    return Entries(*(np.concatenate(column) for column in zip(*some, strict=True)))


@dataclass(frozen=True)
class Index:
    """The pictures that a classifier has seen, by path, in one memory-mapped file, which is replaced as a whole.

    Attributes:
        folder: folder of the index; made when something is written.
        rows: (n,) structured array with the fields path, stamp, id, features, probabilities and checksum.
    """

    folder: Path
    rows: NDArray[Any]

    @classmethod
    def open(cls, folder: Path) -> Index:
        """Opens an index; one that does not exist is empty.

        Raises:
            UserError: if it is damaged.
        """
        empty = cls.empty(folder)
        try:
            rows = np.load(folder / _FILE, mmap_mode="r", allow_pickle=False)
        except FileNotFoundError:
            return empty
        except (ValueError, EOFError) as error:
            raise UserError(f"This index of pictures is damaged: {error}.", where=str(folder)) from None
        if rows.dtype.names != empty.rows.dtype.names:
            raise UserError("This is no index of pictures.", where=str(folder))
        return cls(folder, rows)

    @classmethod
    def empty(cls, folder: Path) -> Index:
        """An index without pictures."""
        return cls(folder, np.empty(0, _row_type(0, 0, 0)))

    def find(self, paths: Sequence[str], stamp: Stamps) -> NDArray[np.intp]:
        """(n,) rows of pictures, -1 for those that are unknown or have changed."""
        if not len(self.rows):
            return np.full(len(paths), -1)
        place = {path: row for row, path in enumerate(self.rows["path"].tolist())}
        row = np.array([place.get(path, -1) for path in _absolute(paths)], dtype=np.intp)
        same = (self.rows["stamp"][row] == stamp).all(axis=1)
        return np.where(same, row, -1)

    def read(self, row: NDArray[np.intp]) -> Entries:
        """What the classifier sees in these pictures; features of the whole index in its order are not copied."""
        whole = np.array_equal(row, np.arange(len(self.rows)))
        chosen = self.rows if whole else self.rows[row]
        features = np.asarray(chosen["features"])
        return Entries(chosen["id"].astype(str).astype(object), features, np.array(chosen["probabilities"]))

    def add(self, paths: Sequence[str], stamp: Stamps, entries: Entries) -> None:
        """Adds pictures, without those that changed moments ago, and drops those whose files have changed or are gone.

        What another search has added meanwhile is kept. An index that cannot be written stays as it is, with a warning.
        """
        settled = np.flatnonzero((stamp != _NO_STAMP).any(axis=1))
        if not len(settled):
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / _LOCK):
                self._present()._write(paths, stamp, entries, settled)
        except OSError as error:
            log.warning("%s cannot be written (%s): the next search reads these pictures again", self.folder, error)

    def _present(self) -> Index:
        """The index as it is now; this one if it is damaged."""
        try:
            return Index.open(self.folder)
        except UserError:
            return self

    def _write(self, paths: Sequence[str], stamp: Stamps, entries: Entries, settled: NDArray[np.intp]) -> None:
        names = np.array(_absolute(paths))
        stale = (stamps(self.rows["path"].tolist()) != self.rows["stamp"]).any(axis=1)
        kept = np.flatnonzero(~stale & ~np.isin(self.rows["path"], names[settled]))
        width = max(names.itemsize, self.rows.dtype["path"].itemsize)
        dtype = _row_type(entries.features.shape[1], entries.probabilities.shape[1], width)
        old = (self.rows[some].astype(dtype) for some in _chunks(kept))
        new = (_rows(dtype, names[some], stamp[some], entries.take(some)) for some in _chunks(settled))
        with atomic_write(self.folder / _FILE) as partial:
            _save(partial, dtype, len(kept) + len(settled), chain(old, new))

    def damaged(self) -> NDArray[np.intp]:
        """(m,) rows that do not match their checksum."""
        return np.flatnonzero(_checksums(self.rows) != self.rows["checksum"])


def stamps(paths: Sequence[str | bytes]) -> Stamps:
    """The stamps of files.

    A file that is missing, may not be read, or has just been modified has none: with coarse times, another change might
    go unnoticed.
    """
    settled = time.time_ns() - _SETTLED

    def stamp(path: str | bytes) -> tuple[int, int, int]:
        try:
            status = os.stat(path)  # noqa: PTH116, as Path takes no bytes
        except OSError:
            return _NO_STAMP
        reliable = status.st_mtime_ns < settled and may_access(path, os.R_OK)
        return (status.st_size, status.st_mtime_ns, status.st_ctime_ns) if reliable else _NO_STAMP

    return np.array([stamp(path) for path in paths], dtype=np.int64).reshape(-1, 3)


def _absolute(paths: Sequence[str]) -> list[bytes]:
    here = Path.cwd()
    return [os.fsencode(path if path.startswith(os.sep) else here / path) for path in paths]


def _row_type(features: int, classes: int, path: int) -> np.dtype[Any]:
    """The type of a row; its length is a multiple of 8 bytes, so that matrix products need no copy of the features."""
    fields = [
        ("stamp", "<i8", (3,)),
        ("probabilities", "<f8", (classes,)),
        ("features", "<f4", (features,)),
        ("checksum", "<u4"),
        ("id", "S32"),
        ("path", f"S{max(path, 1)}"),
    ]
    return np.dtype(fields, align=True)


def _rows(dtype: np.dtype[Any], names: NDArray[np.bytes_], stamp: Stamps, entries: Entries) -> NDArray[Any]:
    rows = np.zeros(len(names), dtype)
    rows["path"], rows["stamp"] = names, stamp
    rows["id"], rows["features"], rows["probabilities"] = entries
    rows["checksum"] = _checksums(rows)
    return rows


def _checksums(rows: NDArray[Any]) -> NDArray[np.uint32]:
    """(n,) CRC-32 of id, features and probabilities."""
    checksums = [
        zlib.crc32(row["probabilities"].tobytes(), zlib.crc32(row["features"].tobytes(), zlib.crc32(row["id"])))
        for row in rows
    ]
    return np.array(checksums, dtype=np.uint32)


def _save(file: Path, dtype: np.dtype[Any], count: int, parts: Iterable[NDArray[Any]]) -> None:
    """Writes rows part by part as one array, which might not fit into memory twice."""
    header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": (count,)}
    with file.open("wb") as out:
        np.lib.format.write_array_header_2_0(out, header)
        for rows in parts:
            rows.tofile(out)


def _chunks(rows: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    return (rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK))
