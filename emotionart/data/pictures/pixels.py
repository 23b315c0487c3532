"""Decoded pictures of a table in a memory-mapped file: decoded once, and not held in memory."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import zipfile
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from filelock import FileLock
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from emotionart.cores import available_cores
from emotionart.data.pictures.copies import grey_square
from emotionart.data.pictures.decode import (
    HASHED_SIDE,
    MEMORY,
    PictureError,
    decode,
    picture_digest,
    read_file,
)
from emotionart.data.pictures.fit import Fit, resize
from emotionart.data.pictures.perceptual_hash import perceptual_hash
from emotionart.data.pictures.polar import SIDE
from emotionart.data.pictures.unreadable import shortened
from emotionart.errors import Failure, UserError
from emotionart.files import DISK_FULL, may_access
from emotionart.progress import progress_bar

log = logging.getLogger(__name__)

_VERSION = 6  # version of decoding and file layout: a change invalidates stored pictures


@dataclass(frozen=True)
class Pictures:
    """The pictures of a table.

    Attributes:
        id: (n,) BLAKE2b of each file's bytes (128 bits, hexadecimal), "" if it cannot be read.
        phash: (n,) uint64 perceptual hashes.
        square: (n, SIDE, SIDE) uint8 grey squares for the search for copies, memory-mapped.
        reason: (n,) why a picture cannot be read, "" if it can.
        checksum: (n,) uint32 CRC-32 of each picture's pixels.
        pixels: (n, size, size, 3) uint8, memory-mapped; zeros for unreadable pictures.
    """

    id: NDArray[np.object_]
    phash: NDArray[np.uint64]
    square: NDArray[np.uint8]
    reason: NDArray[np.object_]
    checksum: NDArray[np.uint32]
    pixels: NDArray[np.uint8]

    def damaged(self) -> NDArray[np.intp]:
        """(m,) positions of pictures whose pixels do not match their checksum."""
        checksums = [zlib.crc32(picture) for picture in self.pixels]
        return np.flatnonzero(np.array(checksums, dtype=np.uint32) != self.checksum)


def open_pictures(paths: Sequence[str], size: int, cache: Path, fit: Fit, workers: int | None = None) -> Pictures:
    """The pictures at `size` pixels: decoded in parallel the first time, read from the cache afterwards.

    They are decoded again if a file's path, length or modification time changes. Of several concurrent processes, one
    decodes and the others wait. A killed process leaves no incomplete cache behind.

    Args:
        paths: paths of the pictures.
        size: side in pixels.
        cache: folder of decoded pictures.
        fit: how to make a picture square.
        workers: number of threads; None for one per core.

    Raises:
        Failure: if the disk is full.
    """
    folder = cache / "pictures" / _name(paths, size, fit)
    pictures = _whole(folder)
    if pictures is not None:
        return pictures
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):
        pictures = _whole(folder)
        if pictures is not None:  # another process has decoded them meanwhile
            return pictures
        if folder.exists():
            log.warning("%s is damaged: the pictures are decoded again", folder)
            shutil.rmtree(folder)
        _decode_all(paths, size, fit, folder, workers or available_cores())
    return read_pictures(folder)


def read_pictures(folder: Path) -> Pictures:
    """The decoded pictures in a folder of the cache.

    Raises:
        UserError: if they are truncated or their index is damaged.
        FileNotFoundError: if there are none.
    """
    try:
        with np.load(folder / "index.npz", allow_pickle=False) as index:
            pictures = Pictures(
                id=index["id"].astype(object),
                phash=index["phash"],
                square=np.load(folder / "squares.npy", mmap_mode="r"),
                reason=index["reason"].astype(object),
                checksum=index["checksum"],
                pixels=np.load(folder / "pixels.npy", mmap_mode="r"),  # refuses a file that is too short
            )
    except (ValueError, LookupError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise UserError(f"These decoded pictures are damaged: {error}.", where=str(folder)) from None
    if not len(pictures.pixels) == len(pictures.square) == len(pictures.id):
        raise UserError("These decoded pictures do not match their index.", where=str(folder))
    return pictures


def _whole(folder: Path) -> Pictures | None:
    """The pictures in a folder of the cache; None if it is missing or damaged."""
    try:
        return read_pictures(folder)
    except (FileNotFoundError, UserError):
        return None


def require_readable(paths: Sequence[str], pictures: Pictures, on_bad: Literal["error", "skip"]) -> NDArray[np.bool_]:
    """(n,) whether each picture can be used.

    Args:
        paths: paths of the pictures.
        pictures: the pictures, from `open_pictures`.
        on_bad: "skip" leaves unreadable pictures out, with a warning that names them.

    Raises:
        UserError: if `on_bad` is "error" and pictures are unreadable; it names them and the reasons.
    """
    bad = np.flatnonzero(pictures.reason != "")
    if len(bad):
        named = shortened({paths[row]: pictures.reason[row] for row in bad.tolist()})
        if on_bad == "error":
            raise UserError(
                f"{len(bad)} of {len(paths)} pictures cannot be used:\n{named}",
                fix="data.on_bad=skip   to leave them out",
            )
        log.warning("%d of %d pictures cannot be used and are left out:\n%s", len(bad), len(paths), named)
    usable: NDArray[np.bool_] = pictures.reason == ""
    return usable


def _name(paths: Sequence[str], size: int, fit: Fit) -> str:
    digest = hashlib.blake2b(digest_size=12)
    for path in paths:
        try:
            stat = Path(path).stat()
            # Readability is part of the key, as a change of permissions changes neither length nor time.
            if not may_access(path, os.R_OK):
                raise PermissionError
            digest.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode(errors="surrogateescape"))
        except OSError:
            digest.update(f"{path}\0out of reach\n".encode(errors="surrogateescape"))
    return f"{size}-{fit}-v{_VERSION}-{digest.hexdigest()}"


def _decode_all(paths: Sequence[str], size: int, fit: Fit, folder: Path, workers: int) -> None:
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        pixels = _allocate(partial / "pixels.npy", (len(paths), size, size, 3))
        squares = _allocate(partial / "squares.npy", (len(paths), SIDE, SIDE))

        def read(row: int) -> tuple[str, int, str]:
            try:
                with MEMORY.held():
                    source = read_file(Path(paths[row]))
                    picture = decode(source, size)
                    hashed = picture if size <= HASHED_SIDE else decode(source, HASHED_SIDE)
                    pixels[row] = resize(picture, size, fit)
                    squares[row] = grey_square(hashed)
                    return picture_digest(source), perceptual_hash(hashed), ""
            except PictureError as error:
                return "", 0, error.reason

        with ThreadPoolExecutor(workers) as pool:
            decoded = list(progress_bar(pool.map(read, range(len(paths))), "reading pictures", len(paths)))
        pixels.flush()
        squares.flush()
        ids, hashes, reasons = zip(*decoded, strict=True)
        np.savez(
            partial / "index.npz",
            id=np.array(ids, dtype=str),
            phash=np.array(hashes, dtype=np.uint64),
            reason=np.array(reasons, dtype=str),
            checksum=np.array([zlib.crc32(picture) for picture in pixels], dtype=np.uint32),
        )
        partial.rename(folder)
    except OSError as error:
        if error.errno in DISK_FULL:
            needed = len(paths) * (3 * size**2 + SIDE**2)
            raise Failure(
                f"The disk is full: {len(paths):,} decoded pictures take {needed / 1e6:,.0f} MB.",
                where=str(folder.parent),
                fix="free some space, or cache=FOLDER on another disk",
            ) from error
        raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _allocate(path: Path, shape: tuple[int, ...]) -> np.memmap[Any, np.dtype[np.uint8]]:
    """A memory-mapped file with preallocated space: writing to a sparse one on a full disk kills the process."""
    pixels: np.memmap[Any, np.dtype[np.uint8]] = open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return pixels
