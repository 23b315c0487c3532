"""File name endings of pictures."""

from __future__ import annotations

import os

from PIL import Image

_NO_PICTURES = frozenset(
    {".pdf", ".ps", ".eps", ".mpg", ".mpeg", ".h5", ".hdf", ".grib", ".bufr", ".wmf", ".emf", ".palm", ".bin"}
)

PICTURE_ENDINGS = (frozenset(Image.registered_extensions()) - _NO_PICTURES) | {".heic", ".heif"}
"""Endings of all formats that Pillow decodes by itself, and of HEIC, which is refused with a reason."""


def has_picture_ending(name: str | os.PathLike[str]) -> bool:
    """Whether a file's name or path ends like a picture's, in whatever case; a name that is but an ending does not."""
    return os.path.splitext(name)[1].casefold() in PICTURE_ENDINGS  # noqa: PTH122 - many times as fast as a path's
