"""Encoding of pictures in memory as files, the input of representations."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo


def png_files(pictures: NDArray[np.uint8], about: Sequence[Mapping[str, str]] | None = None) -> list[bytes]:
    """PNG files, as bytes, of n pictures.

    Args:
        pictures: (n, h, w, 3) uint8 sRGB.
        about: metadata texts of each file, by keyword; None for none.
    """
    files = []
    for picture, words in zip(pictures, about or [{}] * len(pictures), strict=True):
        texts, file = PngInfo(), io.BytesIO()
        for keyword, text in words.items():
            texts.add_itxt(keyword, text)
        Image.fromarray(picture).save(file, "PNG", compress_level=1, pnginfo=texts)
        files.append(file.getvalue())
    return files
