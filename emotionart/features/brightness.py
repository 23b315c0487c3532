"""Perceived brightness of a picture."""

import numpy as np
from numpy.typing import NDArray

from emotionart.features.hue import LUMA_WEIGHTS


def hsp_brightness(picture: NDArray[np.uint8]) -> float:
    """Mean perceived brightness, 0 (black) to 1 (white).

    The mean over all pixels of sqrt(0.299 R² + 0.587 G² + 0.114 B²), with gamma-encoded R, G, B in [0, 1]
    (Finley 2006, "HSP Color Model"). Pure red gives 0.5468.

    Args:
        picture: (h, w, 3) uint8, sRGB.
    """
    squares = np.square(picture.astype(np.float32)) @ np.array(LUMA_WEIGHTS, np.float32)
    return float(np.sqrt(squares).mean()) / 255
