"""A hash by which pictures that look alike are found."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image


def perceptual_hash(picture: Image.Image) -> int:
    """64 bits that change little when a picture is recompressed, resized or slightly cropped.

    The signs, against their median, of the 8 x 8 lowest frequencies of a discrete cosine transform of the picture's
    luma at 32 x 32 (pHash: Zauner 2010, without the constant term).
    """
    grey = np.asarray(picture.convert("L").resize((32, 32), Image.Resampling.LANCZOS), dtype=np.float32)
    low = cv2.dct(grey)[:8, :8].ravel()
    bits = low > np.partition(low[1:], 31)[31]  # the median of 63
    bits[0] = False
    return int(np.packbits(bits).view(">u8")[0])
