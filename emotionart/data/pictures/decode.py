"""One picture file: loaded right, or a reason why not."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import struct
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageFile, PngImagePlugin, UnidentifiedImageError

from emotionart.data.pictures.fit import Fit, resize
from emotionart.data.pictures.memory import DecodingMemory

Picture = NDArray[np.uint8]

MOST_PIXELS = 300_000_000
"""Larger pictures are refused by their header: decoded, they would take more than 0.9 GB each."""

MOST_BYTES = 2_000_000_000
"""Larger files are refused unread."""

MEMORY = DecodingMemory(8 * MOST_PIXELS)
"""Shared by all threads; a thread that goes on working with a decoded picture holds its memory meanwhile."""

_BYTES_OF_A_PIXEL = {"I": 32, "F": 32, "I;16": 16}
_BYTES_OF_OTHERS = 8  # as Pillow holds it, and once more while it is converted

# Never EPS, for which Pillow starts Ghostscript, nor anything else that is no picture by itself.
_FORMATS = (
    "JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "DIB", "PPM", "JPEG2000", "AVIF", "TGA", "PCX", "ICO",
)  # fmt: skip

Image.init()  # here, once: Pillow loads its plugins when they are first needed, and not safely from several threads
_READ = [name for name in _FORMATS if name in Image.OPEN]  # by this build of Pillow

# JPEGs are decoded at a half, quarter or eighth of their size where both sides stay above this, and above twice the
# wanted side, so that the rest of the way is left to an antialiasing filter.
_DRAFT_SIDE = 512

HASHED_SIDE = _DRAFT_SIDE // 2
"""Up to this wanted side a picture is decoded alike, so that its perceptual hash does not depend on the side."""

_SRGB = ImageCms.createProfile("sRGB")

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_KNOWN_KINDS = (
    (b"<!DOCTYPE html", "an HTML page"),
    (b"<html", "an HTML page"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML or SVG file"),
    (b"%PDF", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"version https://git-lfs", "a Git LFS pointer; `git lfs pull` fetches the picture"),
)


class PictureError(Exception):
    """A picture that cannot be loaded.

    Attributes:
        reason: why, in a few words.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def load_picture(source: Path | bytes) -> Picture:
    """A picture of any kind as 8-bit sRGB, (h, w, 3), upright, over white where it is transparent.

    Of several frames or pages the first counts; a valid colour profile is converted to sRGB, a broken one ignored;
    16-bit and floating-point pictures are scaled to 8 bits.

    Args:
        source: path of a file, or its bytes.

    Raises:
        PictureError: if it cannot be read, is no picture, is cut off, or has more than `MOST_PIXELS`.
    """
    with MEMORY.held():
        return np.asarray(decode(read_file(source) if isinstance(source, Path) else source))


def load_resized(source: bytes, size: int, fit: Fit = "squash") -> Picture:
    """The same picture as a square (size, size, 3), antialiased.

    Large JPEGs are decoded at a fraction of their size; that moves values by less than two grey levels in the mean.

    Args:
        source: bytes of the file.
        size: side in pixels.
        fit: how it becomes a square.

    Raises:
        PictureError: as `load_picture`.
    """
    with MEMORY.held():
        return resize(decode(source, size), size, fit)


def load_batch(sources: Sequence[bytes], size: int, fit: Fit = "squash") -> Picture:
    """Several pictures as `load_resized` gives each of them, (n, size, size, 3), decoded in parallel; at least one.

    Raises:
        PictureError: of the first that cannot be read.
    """
    # Each thread silences Pillow's warnings in turn; what was shown before them is so again after all of them.
    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.stack(list(pool.map(partial(load_resized, size=size, fit=fit), sources)))


def read_file(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        PictureError: if it is missing, no regular file (a folder, a device, a pipe), too large, or cannot be read.
    """
    try:
        status = path.stat()
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            raise PictureError("no regular file")
        if status.st_size > MOST_BYTES:
            raise PictureError(f"too large: a file of {status.st_size / 1e9:,.1f} GB")
        return path.read_bytes()
    except FileNotFoundError:
        raise PictureError("a broken link" if path.is_symlink() else "not there") from None
    except IsADirectoryError:
        raise PictureError("a folder") from None
    except OSError as error:
        raise PictureError(f"cannot be read ({error.strerror})") from None


def is_there(path: Path) -> bool:
    """Whether anything lies at a path; at one that is too long to be one, nothing does."""
    try:
        return path.exists()
    except OSError:
        return False


def picture_digest(source: bytes) -> str:
    """The name of a picture wherever it lies: BLAKE2b of its file's bytes, 128 bits, hexadecimal."""
    return hashlib.blake2b(source, digest_size=16).hexdigest()


def decode(source: bytes, side: int | None = None) -> Image.Image:
    """The picture as Pillow's RGB image; a large JPEG is decoded at a fraction of its size if `side` pixels will do.

    Raises:
        PictureError: as `load_picture`.
    """
    if not source:
        raise PictureError("an empty file")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd metadata, which does not matter here
        try:
            with MEMORY.held(), open_image(source) as image:
                return _to_rgb(image, side)
        except PictureError:
            raise
        except UnidentifiedImageError:
            raise PictureError(_kind(source)) from None
        except (
            OSError,
            SyntaxError,
            ValueError,
            IndexError,
            EOFError,
            TypeError,
            MemoryError,
            RuntimeError,
            struct.error,
        ) as error:
            raise PictureError(_failure(error)) from None


def open_image(source: bytes) -> Image.Image:
    """The picture before its pixels are decoded, if it is of a format that is nothing but a picture.

    Raises:
        UnidentifiedImageError: for anything else.
    """
    return Image.open(io.BytesIO(source), formats=_READ)


def _to_rgb(image: Image.Image, side: int | None) -> Image.Image:
    width, height = image.size
    needed = _BYTES_OF_A_PIXEL.get(image.mode, _BYTES_OF_OTHERS)
    if width * height > MEMORY.size // needed:
        raise PictureError(f"too large: {width} x {height} pixels")
    if width * height == 0:
        raise PictureError("has no pixels")
    if side is not None:
        smallest = max(_DRAFT_SIDE, 2 * side)
        image.draft("RGB", (smallest, smallest))
    MEMORY.take(image.width * image.height * needed)
    image.load()
    profile = image.info.get("icc_profile")
    upright = _upright(image)
    if upright.mode == "RGB" and not profile and "transparency" not in upright.info:
        return upright
    return _flatten(_to_srgb(_to_8_bits(upright), profile))


def _upright(image: Image.Image) -> Image.Image:
    """The picture turned as its EXIF says; EXIF that cannot be read, as a broken colour profile, is ignored."""
    try:
        turn = _TURNS.get(image.getexif().get(0x0112, 1))
    except (SyntaxError, struct.error, ValueError, TypeError, OSError, KeyError):
        return image
    return image if turn is None else image.transpose(turn)


def _to_8_bits(image: Image.Image) -> Image.Image:
    """16-bit and floating-point grey as 8-bit grey, every other picture as it is."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image).astype(np.uint16) / 257).round().astype(np.uint8))
    if image.mode not in ("I", "F"):
        return image
    values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0.0, neginf=0.0)
    whites = (1.0, 255.0, 65535.0) if image.mode == "F" else (255.0, 65535.0)
    white = next((white for white in whites if values.max() <= white), values.max())
    return Image.fromarray((values * (255 / white)).round().clip(0, 255).astype(np.uint8))


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile or image.mode == "1":
        return image
    if image.mode in ("P", "PA") or "transparency" in image.info:
        see_through = image.mode == "PA" or "transparency" in image.info
        image = image.convert("LA" if image.mode == "L" else "RGBA" if see_through else "RGB")
    alpha = image.getchannel("A") if image.mode in ("RGBA", "LA") else None
    colour = image.convert({"RGBA": "RGB", "LA": "L"}.get(image.mode, image.mode))
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(colour, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    if converted is None:
        return image
    if alpha is not None:
        converted.putalpha(alpha)
    return converted


def _flatten(image: Image.Image) -> Image.Image:
    """Any mode as RGB, over white."""
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        over = image.convert("RGBA")
        white = Image.new("RGBA", over.size, "white")
        return Image.alpha_composite(white, over).convert("RGB")
    return image.convert("RGB")


def _kind(source: bytes) -> str:
    start = source[:512].lstrip()
    for mark, kind in _KNOWN_KINDS:
        if start[: len(mark)].lower() == mark.lower():
            return f"not a picture but {kind}"
    if source[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc"):
        return "a HEIC picture, which is not supported; convert it to JPEG or PNG"
    if b"\0" not in source[:512]:
        return "not a picture but a text file"
    return "not a picture, or of an unknown kind"


def _failure(error: Exception) -> str:
    text = str(error)
    if "truncated" in text or "not enough image data" in text or isinstance(error, EOFError):
        return "truncated"
    return f"damaged ({text})" if text else "damaged"


Image.MAX_IMAGE_PIXELS = None  # the limit above takes the place of Pillow's, whose message names no size
ImageFile.LOAD_TRUNCATED_IMAGES = False
# Pillow refuses PNGs whose text or colour profile is longer than 1 MB, as editing programs write them.
PngImagePlugin.MAX_TEXT_CHUNK = 64 * 2**20
PngImagePlugin.MAX_TEXT_MEMORY = 256 * 2**20
