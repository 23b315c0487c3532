"""Resizing of pictures of any shape to squares."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Fit = Literal["squash", "crop", "pad"]
"""How a picture becomes square. squash: the whole picture, aspect ratio lost; crop: its largest central square; pad:
the whole picture with bars of its mean colour."""


def resize(picture: Image.Image, size: int, fit: Fit = "squash") -> NDArray[np.uint8]:
    """(size, size, 3) uint8 square of an RGB picture, by Pillow's antialiased bicubic filter."""
    side, method = (size, size), Image.Resampling.BICUBIC
    if fit == "crop":
        return np.asarray(ImageOps.fit(picture, side, method))
    if fit == "pad":
        red, green, blue = np.asarray(picture.resize((16, 16), Image.Resampling.BOX)).mean(axis=(0, 1)).round()
        return np.asarray(ImageOps.pad(picture, side, method, color=(int(red), int(green), int(blue))))
    return np.asarray(picture.resize(side, method, reducing_gap=3.0))
