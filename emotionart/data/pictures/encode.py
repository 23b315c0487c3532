"""Pictures in memory as files, which every representation reads in its own way."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def png_files(pictures: NDArray[np.uint8]) -> list[bytes]:
    """Pictures (n, h, w, 3), sRGB, as the bytes of PNG files."""
    files = []
    for picture in pictures:
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "PNG", compress_level=1)
        files.append(file.getvalue())
    return files
