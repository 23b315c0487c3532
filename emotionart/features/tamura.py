"""Coarseness, contrast and directionality, after Tamura, Mori and Yamawaki 1978."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_SCALES = (1, 2, 3, 4, 5)


def coarseness(luma: NDArray[np.uint8]) -> float:
    """Mean, over all corners between pixels, of the size 2^k, k = 1 … 5, at which neighbouring blocks differ most.

    At each corner, the mean grey levels of two adjoining blocks of 2^k x 2^k are compared, left with right and above
    with below. The paper centres blocks on pixels, hence one pixel off centre; centred on corners, they are the same
    for a mirrored picture. Of equal differences, the smallest size counts.

    Args:
        luma: (h, w) uint8.
    """
    margin = 2 ** _SCALES[-1]
    padded = cv2.copyMakeBorder(luma, margin, margin, margin, margin, cv2.BORDER_REFLECT)
    running = np.asarray(cv2.integral(padded), np.int32)
    inner_height, inner_width = luma.shape[0] + 1, luma.shape[1] + 1

    def at(y: int, x: int) -> NDArray[np.int32]:
        """Integral image at all corners, shifted by (y, x)."""
        return running[margin + y : margin + y + inner_height, margin + x : margin + x + inner_width]

    def block(top: int, left: int, size: int) -> NDArray[np.int32]:
        return at(top + size, left + size) - at(top, left + size) - at(top + size, left) + at(top, left)

    differences = []
    for size in (2**k for k in _SCALES):
        half = size // 2
        beside = np.abs(block(-half, 0, size) - block(-half, -size, size))
        below = np.abs(block(0, -half, size) - block(-size, -half, size))
        differences.append(np.maximum(beside, below) / size**2)
    return float(np.exp2(np.argmax(differences, axis=0) + _SCALES[0]).mean())


def contrast(luma: NDArray[np.float32]) -> float:
    """Contrast σ / κ^¼, with the kurtosis κ = μ₄/σ⁴; 0 for a flat picture.

    Args:
        luma: (h, w), 0 to 1.
    """
    centred = luma.astype(np.float64) - luma.mean(dtype=np.float64)
    variance, fourth = float(np.square(centred).mean()), float((centred**4).mean())
    return variance / fourth**0.25 if fourth > 1e-20 else 0.0


def directionality(luma: NDArray[np.float32]) -> float:
    """Agreement of the edges in direction, 0 to 1.

    The resultant length of the doubled gradient angle, weighted by energy: |Σ g²| / Σ |g|², g = g_x + i g_y. It
    replaces the paper's sharpness of the peaks in a histogram of angles, and needs no bins or thresholds.

    Args:
        luma: (h, w), 0 to 1.
    """
    squared = np.square(gradient(luma).astype(np.complex128))
    energy = float(np.abs(squared).sum())
    return float(abs(squared.sum())) / energy if energy > 1e-12 else 0.0


def gradient(luma: NDArray[np.float32]) -> NDArray[np.complex64]:
    """(h, w) complex: Sobel derivative along x plus i times the one along y, per pixel."""
    along_x = cv2.Sobel(luma, cv2.CV_32F, 1, 0, scale=1 / 8)
    along_y = cv2.Sobel(luma, cv2.CV_32F, 0, 1, scale=1 / 8)
    combined: NDArray[np.complex64] = along_x + 1j * along_y
    return combined
