"""A perceptual hash for finding similar pictures."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image


def perceptual_hash(picture: Image.Image) -> int:
    """64-bit hash that changes little when a picture is recompressed, resized or slightly cropped.

    Each bit compares one of the 8 x 8 lowest frequencies of the discrete cosine transform of the 32 x 32 luma with
    their median (pHash: Zauner 2010, without the constant term).
    """
    grey = np.asarray(picture.convert("L").resize((32, 32), Image.Resampling.LANCZOS), dtype=np.float32)
    low = cv2.dct(grey)[:8, :8].ravel()
    bits = low > np.partition(low[1:], 31)[31]  # median of the 63 frequencies
    bits[0] = False
    return int(np.packbits(bits).view(">u8")[0])
