"""Composition of a picture: regions, slanted lines, rule of thirds."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from emotionart.features.colour import Palette
from emotionart.features.hue import FAINT, HSY, mean_hue
from emotionart.features.tamura import gradient


def level_of_detail(lab: NDArray[np.float32], palette: Palette) -> NDArray[np.float64]:
    """(2,): number of regions per pixel, and the largest region's share of the picture.

    A region is a 4-connected set of pixels with the same nearest dominant colour. Machajdik and Hanbury 2010 count
    watershed segments instead, which depend on the order of the pixels.

    Args:
        lab: (h, w, 3), CIELAB.
        palette: palette of the same picture.
    """
    nearest = np.linalg.norm(lab[:, :, None] - palette.lab, axis=3).argmin(axis=2)
    regions, largest = 0, 0
    for colour in range(len(palette.weights)):
        count, _, statistics, _ = cv2.connectedComponentsWithStats((nearest == colour).astype(np.uint8), connectivity=4)
        regions += count - 1  # the first is the background
        largest = max([largest, *statistics[1:, cv2.CC_STAT_AREA]])
    return np.array([regions / nearest.size, largest / nearest.size])


def dynamics(luma: NDArray[np.float32]) -> NDArray[np.float64]:
    """(2,): mean gradient magnitude, and the share of its energy in slanted directions, 0 to 1.

    Horizontal and vertical lines are calm, slanted ones dynamic (Itten 1961; Machajdik and Hanbury 2010 count both by
    the Hough transform). The share needs no thresholds: Σ |g|² sin²(2θ) / Σ |g|², with θ the angle of the gradient g.

    Args:
        luma: (h, w), 0 to 1.
    """
    slope = gradient(luma).astype(np.complex128)
    energy = float(np.square(np.abs(slope)).sum())
    slanted = 4 * float(np.square(slope.real * slope.imag / np.maximum(np.abs(slope), 1e-12)).sum())
    return np.array([np.abs(slope).mean(), slanted / energy if energy > 1e-12 else 0.0])


def thirds(colours: HSY) -> NDArray[np.float64]:
    """(4,): cosine and sine of the saturation-weighted mean hue, mean saturation and mean luma of the middle third.

    The rule of thirds places a subject around the middle third of both sides (Datta et al. 2006, f5 to f7).
    """
    height, width = colours.luma.shape
    middle = np.s_[height // 3 + 1 : height - height // 3 - 1, width // 3 + 1 : width - width // 3 - 1]
    saturation = colours.saturation[middle]
    mean = mean_hue(colours.hue[middle], saturation / np.float32(FAINT))
    channels = (saturation, colours.luma[middle])
    return np.array([mean.real, mean.imag, *(channel.mean(dtype=np.float64) for channel in channels)])
