"""Which files are pictures by their names."""

from __future__ import annotations

from PIL import Image

_NO_PICTURES = frozenset(
    {".pdf", ".ps", ".eps", ".mpg", ".mpeg", ".h5", ".hdf", ".grib", ".bufr", ".wmf", ".emf", ".palm", ".bin"}
)

PICTURE_ENDINGS = (frozenset(Image.registered_extensions()) - _NO_PICTURES) | {".heic", ".heif"}
"""Those of all formats that Pillow decodes without another program, and HEIC, which is refused with a reason."""
