"""Size, hash and a small grey square of every picture of a table, for the check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from emotionart.data.pictures.copies import grey_square
from emotionart.data.pictures.decode import HASHED_SIDE, decode, open_image
from emotionart.data.pictures.perceptual_hash import perceptual_hash
from emotionart.data.pictures.polar import SIDE
from emotionart.data.pictures.tiff_pages import count_pages, seek_full_size
from emotionart.data.survey.once import Found, Kept, compute_once

_KEPT = (Kept("survey-v5", (7,), "float32"), Kept("grey-v4", (SIDE, SIDE), "uint8"))


@dataclass(frozen=True)
class Survey:
    """Properties of the pictures of a table, in its order; zeros for unreadable pictures.

    Attributes:
        id: (n,) BLAKE2b of each file's bytes (128 bits, hexadecimal), "" if it cannot be read.
        reason: (n,) why a picture cannot be read, "" if it can.
        size: (n, 2) width and height in pixels, upright.
        pages: (n,) number of pages, of which the first is used; 1 for all kinds but TIFF.
        phash: (n,) uint64 perceptual hashes.
        square: (n, SIDE, SIDE) uint8 grey squares for the search for copies.
    """

    id: NDArray[np.object_]
    reason: NDArray[np.object_]
    size: NDArray[np.int64]
    pages: NDArray[np.int64]
    phash: NDArray[np.uint64]
    square: NDArray[np.uint8]


def survey(paths: Sequence[str], cache: Path) -> Survey:
    """Surveys every picture once. Memory holds one picture per core and about 6 kB per picture of the table.

    Args:
        paths: paths of the pictures.
        cache: folder in which results are stored.
    """
    looked = compute_once(paths, _KEPT, _look, "looking at pictures", cache)
    numbers, squares = looked.arrays
    parts = numbers[:, 3:].astype(np.uint64) << np.array([48, 32, 16, 0], np.uint64)
    return Survey(
        id=looked.id,
        reason=looked.reason,
        size=numbers[:, :2].astype(np.int64),
        pages=numbers[:, 2].astype(np.int64),
        phash=np.bitwise_or.reduce(parts, axis=1),
        square=squares,
    )


def _look(source: bytes) -> Found:
    """A picture's size, pages and hash, in four 16-bit parts that 32-bit floats represent exactly; its grey square."""
    picture = decode(source, HASHED_SIDE).convert("L")
    hashed = perceptual_hash(picture)
    parts = [hashed >> shift & 0xFFFF for shift in (48, 32, 16, 0)]
    return np.array([*_upright_size(source, picture), _pages(source), *parts], np.float32), grey_square(picture)


def _pages(source: bytes) -> int:
    with open_image(source) as file:
        return count_pages(file)


def _upright_size(source: bytes, picture: Image.Image) -> tuple[int, int]:
    """Width and height of the picture at full size, as a large JPEG is decoded at reduced size."""
    if min(picture.size) < 2 * HASHED_SIDE:
        return picture.size
    with open_image(source) as file:
        seek_full_size(file)
        width, height = file.size
    return (height, width) if (width > height) != (picture.width > picture.height) else (width, height)
