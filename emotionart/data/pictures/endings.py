"""File name endings of pictures."""

from __future__ import annotations

from PIL import Image

_NO_PICTURES = frozenset(
    {".pdf", ".ps", ".eps", ".mpg", ".mpeg", ".h5", ".hdf", ".grib", ".bufr", ".wmf", ".emf", ".palm", ".bin"}
)

PICTURE_ENDINGS = (frozenset(Image.registered_extensions()) - _NO_PICTURES) | {".heic", ".heif"}
"""Endings of all formats that Pillow decodes by itself, and of HEIC, which is refused with a reason."""
