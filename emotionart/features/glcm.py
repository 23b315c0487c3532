"""Grey-level co-occurrence matrices and their statistics (Haralick, Shanmugam and Dinstein 1973)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from skimage.feature import graycomatrix, graycoprops

PROPERTIES = ("contrast", "correlation", "energy", "homogeneity")
LEVELS = 32


def cooccurrence(luma: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(32, 32): relative frequencies of neighbouring pairs of 32 grey levels in all eight directions.

    Args:
        luma: (h, w) uint8.
    """
    directions = np.deg2rad([0, 45, 90, 135])
    matrices = graycomatrix(  # type: ignore[no-untyped-call]
        luma // (256 // LEVELS), [1], directions, levels=LEVELS, symmetric=True, normed=True
    )
    matrix: NDArray[np.float64] = matrices[:, :, 0, :].mean(axis=2)
    return matrix


def glcm_properties(luma: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(4,): the `PROPERTIES` of the `cooccurrence` matrix p.

    Contrast Σ p (i − j)², correlation of i and j (1 for a flat picture), energy sqrt(Σ p²), homogeneity
    Σ p / (1 + (i − j)²).

    Args:
        luma: (h, w) uint8.
    """
    matrix = cooccurrence(luma)[:, :, None, None]
    return np.array([graycoprops(matrix, name)[0, 0] for name in PROPERTIES])  # type: ignore[no-untyped-call]
