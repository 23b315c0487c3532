"""Guided filter: edge-preserving smoothing of values, guided by a picture (He, Sun and Tang 2013)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

Field = NDArray[np.float32]


def guided_filter(guide: Field, values: Field, shown: Field, radius: int, softness: float) -> Field:
    """(H, W, c): `values` as a locally linear function of the guide, evaluated on a larger version of it.

    The linear function is fitted on the small guide, which is fast, and interpolated between its pixels (fast guided
    filter: He and Sun 2015).

    Args:
        guide: (h, w, 3) guide.
        values: (h, w, c) values to smooth.
        shown: (H, W, 3) guide at the output size.
        radius: radius of the square window in pixels of the guide.
        softness: standard deviation within a window, in the guide's units, below which it counts as flat.
    """

    def window_mean(field: Field) -> Field:
        size = (2 * radius + 1, 2 * radius + 1, *[1] * (field.ndim - 2))
        averaged: Field = uniform_filter(field, size, mode="reflect")
        return averaged

    mean_guide, mean_values = window_mean(guide), window_mean(values)
    of_guide = (
        window_mean(guide[..., :, None] * guide[..., None, :]) - mean_guide[..., :, None] * mean_guide[..., None, :]
    )
    of_both = (
        window_mean(guide[..., :, None] * values[..., None, :]) - mean_guide[..., :, None] * mean_values[..., None, :]
    )
    slope = np.linalg.solve(of_guide + np.float32(softness**2) * np.eye(3, dtype=np.float32), of_both)
    offset = mean_values - np.einsum("hwi,hwic->hwc", mean_guide, slope)
    slope, offset = window_mean(slope), window_mean(offset)
    height, width, channels = *shown.shape[:2], values.shape[2]
    coefficients = np.concatenate([slope.reshape(*guide.shape[:2], -1), offset], axis=2)
    full = np.asarray(cv2.resize(coefficients, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    filtered: Field = full[..., 3 * channels :].copy()
    for index in range(3):
        filtered += shown[..., index, None] * full[..., index * channels : (index + 1) * channels]
    return filtered
