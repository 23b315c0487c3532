"""Comparison of two pictures after alignment."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from emotionart.data.pictures.polar import SIDE

Array = NDArray[np.float32]

_WORTH_ALIGNING = 0.4  # minimum correlation before alignment
_SAME = 0.86  # minimum correlation after alignment
_ROUNDS = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 15, 1e-4)
_OVERLAP = 0.7  # minimum overlap as a fraction of the disc
_GRAIN = 1.0  # pixels; finer detail is removed
_SCALE = 3.0  # pixels; coarser shading is removed
_NOISE = 4.0  # variance of grey levels that counts as noise


_OFFSET = np.arange(SIDE) - (SIDE - 1) / 2
_DISC = (np.hypot(_OFFSET[:, None], _OFFSET) <= SIDE / 2 - 1).astype(np.uint8)  # excludes corners filled by rotation


def match_when_aligned(copy: NDArray[np.uint8], original: NDArray[np.uint8], guess: Array) -> bool:
    """Whether the local contrasts of two grey squares correlate under the best affine map.

    The map maximises the enhanced correlation coefficient (Evangelidis and Psarakis 2008).

    Args:
        copy: (SIDE, SIDE) grey levels.
        original: (SIDE, SIDE) grey levels.
        guess: (2, 3) initial map from the copy to the original.
    """
    copied, contrast = _local_contrast(copy), _local_contrast(original)
    if _correlation(copied, contrast, guess) < _WORTH_ALIGNING:
        return False
    try:
        _, best = cv2.findTransformECC(copied, contrast, guess, cv2.MOTION_AFFINE, _ROUNDS, _DISC, 1)
    except cv2.error:  # no convergence
        return False
    return _correlation(copied, contrast, np.asarray(best, np.float32)) > _SAME


def _local_contrast(square: NDArray[np.uint8]) -> Array:
    """(SIDE, SIDE) local contrast, which survives changes of lighting, colour and global contrast."""
    smooth = cv2.GaussianBlur(square.astype(np.float32), (0, 0), _GRAIN)
    detail = smooth - cv2.GaussianBlur(smooth, (0, 0), _SCALE)
    contrast: Array = detail / np.sqrt(cv2.GaussianBlur(detail**2, (0, 0), 2 * _SCALE) + _NOISE)
    return contrast


def _correlation(copy: Array, original: Array, matrix: Array) -> float:
    """Pearson correlation within the common area; 0 if the overlap is too small."""
    inverse = cv2.WARP_INVERSE_MAP
    laid_over = np.asarray(cv2.warpAffine(original, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR | inverse))
    shown = np.asarray(cv2.warpAffine(np.ones_like(_DISC), matrix, (SIDE, SIDE), flags=cv2.INTER_NEAREST | inverse))
    both = (shown & _DISC).astype(bool)
    if both.sum() < _OVERLAP * _DISC.sum():
        return 0.0
    return float(np.corrcoef(copy[both], laid_over[both])[0, 1])
