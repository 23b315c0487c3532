"""Decoding of picture files, with a reason for each failure."""

from __future__ import annotations

import hashlib
import io
import re
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

from emotionart.cores import available_cores
from emotionart.data.pictures.fit import Fit, resize
from emotionart.data.pictures.foreign import kind_of
from emotionart.data.pictures.memory import DecodingMemory
from emotionart.data.pictures.tiff_pages import is_negative, seek_full_size

Picture = NDArray[np.uint8]

MOST_PIXELS = 300_000_000
"""Maximum number of pixels, checked in the header; decoded, larger pictures would take more than 0.9 GB each."""

MOST_BYTES = 2_000_000_000
"""Maximum file size, checked before reading."""

MEMORY = DecodingMemory(8 * MOST_PIXELS)
"""Memory budget of all threads; a thread holds its memory while it works with a decoded picture."""

_BYTES_OF_A_PIXEL = {"I": 32, "F": 32, "I;16": 16}
_12_BITS = 4096
_HIGHLIGHTS = 16.0  # 255 would make a floating-point picture with no higher values almost black
_BYTES_OF_OTHERS = 8  # Pillow's 4 bytes per pixel, twice during conversion

_FAULTS = (OSError, SyntaxError, ValueError, IndexError, EOFError, TypeError, MemoryError, RuntimeError, struct.error)
"""What Pillow raises for damaged files."""

# Excludes EPS, for which Pillow starts Ghostscript, and all formats that are not self-contained pictures.
_FORMATS = (
    "JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "DIB", "PPM", "JPEG2000", "AVIF", "TGA", "PCX", "ICO",
)  # fmt: skip

Image.init()  # loads Pillow's plugins now, as lazy loading is not thread-safe
_READ = [name for name in _FORMATS if name in Image.OPEN]  # formats that this build of Pillow supports
# JPEGs are decoded at a half, quarter or eighth of their size if both sides stay above this and above twice the target
# side, which leaves the final reduction to an antialiasing filter.
_DRAFT_SIDE = 512

HASHED_SIDE = _DRAFT_SIDE // 2
"""Target sides up to this one decode a picture identically, so that its perceptual hash does not depend on them."""

_PILLOW = re.compile(r"PIL\.")
"""Names of Pillow's modules."""

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


class PictureError(Exception):
    """A picture that cannot be loaded.

    Attributes:
        reason: short reason.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def load_picture(source: Path | bytes) -> Picture:
    """(h, w, 3) uint8 sRGB picture from a file of any supported kind, upright, composited on white if transparent.

    Only the first frame or page is used. A valid colour profile is converted to sRGB, a broken one ignored. 16-bit and
    floating-point pictures are scaled to 8 bits.

    Args:
        source: path of the file, or its bytes.

    Raises:
        PictureError: if it cannot be read, is not a picture, is truncated, or has more than `MOST_PIXELS` pixels.
    """
    with MEMORY.held():
        return np.asarray(decode(read_file(source) if isinstance(source, Path) else source))


def load_resized(source: bytes, size: int, fit: Fit = "squash") -> Picture:
    """(size, size, 3) uint8 picture as of `load_picture`, resized to a square with antialiasing.

    Large JPEGs are decoded at reduced size, which changes values by less than two grey levels on average.

    Args:
        source: bytes of the file.
        size: side in pixels.
        fit: how to make the picture square.

    Raises:
        PictureError: as for `load_picture`.
    """
    with MEMORY.held():
        return resize(decode(source, size), size, fit)


def load_batch(sources: Sequence[bytes], size: int, fit: Fit) -> Picture:
    """(n, size, size, 3) uint8 pictures of `load_resized`, decoded in parallel; n > 0.

    Raises:
        PictureError: for the first picture that cannot be read.
    """
    with ThreadPoolExecutor(available_cores()) as pool:
        return np.stack(list(pool.map(partial(load_resized, size=size, fit=fit), sources)))


def read_file(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        PictureError: if it is missing, not a regular file (a folder, a device, a pipe), too large, or unreadable, or if
            its path is no UTF-8, so that no table could name it.
    """
    try:
        str(path).encode()
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
    except UnicodeEncodeError:
        raise PictureError("a name that is no UTF-8; rename it") from None
    except OSError as error:
        raise PictureError(f"cannot be read ({error.strerror})") from None


def is_there(path: Path) -> bool:
    """Whether a path exists; False for one that is too long."""
    try:
        return path.exists()
    except OSError:
        return False


def picture_digest(source: bytes) -> str:
    """128-bit BLAKE2b hash of a picture file's bytes, hexadecimal."""
    return hashlib.blake2b(source, digest_size=16).hexdigest()


def decode(source: bytes, side: int | None = None) -> Image.Image:
    """The picture as a Pillow RGB image; with `side`, a large JPEG is decoded at reduced size, above `side` pixels.

    Raises:
        PictureError: as for `load_picture`.
    """
    if not source:
        raise PictureError("an empty file")
    _ignore_warnings()
    try:
        with MEMORY.held(), open_image(source) as image:
            return _to_rgb(image, side)
    except PictureError:
        raise
    except UnidentifiedImageError:
        raise PictureError(kind_of(source)) from None
    except _FAULTS as error:
        raise PictureError(_failure(error)) from None


def _ignore_warnings() -> None:
    """Ignores Pillow's warnings, which are of irrelevant faults of metadata, in this process from now on.

    Filters are those of the whole process: if threads changed and restored them around each picture, one could restore
    the changed ones of another, and everybody's warnings would be lost.
    """
    # The first filter decides, and others may have restored theirs or put one in front.
    if not warnings.filters or warnings.filters[0][3] != _PILLOW:
        warnings.filterwarnings("ignore", module=_PILLOW.pattern)


def open_image(source: bytes) -> Image.Image:
    """The Pillow image of a picture file, with its pixels not yet decoded.

    Raises:
        UnidentifiedImageError: for bytes that are not of a supported format.
    """
    return Image.open(io.BytesIO(source), formats=_READ)


def _to_rgb(image: Image.Image, side: int | None) -> Image.Image:
    if not seek_full_size(image):
        raise PictureError("a raw file of a camera, or a reduced version alone; export it as JPEG or PNG")
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
    return _flatten(_to_srgb(_to_8_bits(upright, is_negative(image)), profile))


def _upright(image: Image.Image) -> Image.Image:
    """The picture in its EXIF orientation; unreadable EXIF is ignored, like a broken colour profile."""
    try:
        turn = _TURNS.get(image.getexif().get(0x0112, 1))
    except (SyntaxError, struct.error, ValueError, TypeError, OSError, KeyError):
        return image
    return image if turn is None else image.transpose(turn)


def _to_8_bits(image: Image.Image, negative: bool) -> Image.Image:
    """16-bit and floating-point grey pictures as 8-bit grey, negative ones of 16 bits turned; all others unchanged."""
    if image.mode.startswith("I;16"):
        values = np.asarray(image).astype(np.uint16)
        most = 65535 if values.max(initial=0) >= _12_BITS else _12_BITS - 1  # cameras of microscopes and scanners
        values = most - values if negative else values
        return Image.fromarray((values * (255 / most)).round().astype(np.uint8))
    if image.mode not in ("I", "F"):
        return image
    values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0.0, neginf=0.0)
    highest = float(values.max(initial=0))
    whites = (1.0, 255.0, 65535.0) if image.mode == "F" else (255.0, _12_BITS - 1.0, 65535.0)
    white = next((white for white in whites if highest <= white), highest)
    if image.mode == "F" and 1 < highest <= _HIGHLIGHTS:
        white = 1.0  # a linear picture, whose highlights are above white
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
    """A picture of any mode as RGB, composited on white; transparency everywhere counts as none.

    Some programs leave the fourth channel of BMP, TGA and PNG files empty.
    """
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        over = image.convert("RGBA")
        if over.getchannel("A").getextrema() == (0, 0):
            return over.convert("RGB")
        white = Image.new("RGBA", over.size, "white")
        return Image.alpha_composite(white, over).convert("RGB")
    return image.convert("RGB")


def _failure(error: Exception) -> str:
    text = str(error)
    if "truncated" in text or "not enough image data" in text or isinstance(error, EOFError):
        return "truncated"
    return f"damaged ({text})" if text else "damaged"


Image.MAX_IMAGE_PIXELS = None  # replaced by the limit above, whose message states the size
ImageFile.LOAD_TRUNCATED_IMAGES = False
# By default, Pillow refuses PNGs with more than 1 MB of text or colour profile, as some editors write.
PngImagePlugin.MAX_TEXT_CHUNK = 64 * 2**20
PngImagePlugin.MAX_TEXT_MEMORY = 256 * 2**20
