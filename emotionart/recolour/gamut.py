"""Conversion of CIELAB to sRGB, with out-of-gamut colours desaturated at constant lightness and hue."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emotionart.features.colour import lab_to_linear_rgb

Field = NDArray[np.float32]

_HALVINGS = 10  # bisections, for chroma within a thousandth
_ROUNDING = 1e-3  # tolerance beyond 0..1 in linear light: less than half a level of 8 bits


def lab_to_rgb(lab: Field) -> NDArray[np.uint8]:
    """(…, 3) uint8 sRGB of (…, 3) CIELAB; out-of-gamut colours keep L* and hue, and lose just enough chroma."""
    linear = lab_to_linear_rgb(lab)
    outside = ~_is_shown(linear)
    linear[outside] = lab_to_linear_rgb(_greyer(lab[outside]))
    clipped = linear.clip(0, 1)
    encoded = np.where(clipped > 0.0031308, 1.055 * clipped ** (1 / 2.4) - 0.055, 12.92 * clipped)
    rgb: NDArray[np.uint8] = np.rint(255 * encoded).astype(np.uint8)
    return rgb


def _greyer(lab: Field) -> Field:
    """Colours (n, 3) outside the gamut, reduced by bisection to the largest chroma inside it."""
    low, high = np.zeros(len(lab), np.float32), np.ones(len(lab), np.float32)
    for _ in range(_HALVINGS):
        middle: Field = ((low + high) / 2).astype(np.float32)
        shown = _is_shown(lab_to_linear_rgb(_with_chroma(lab, middle)))
        low, high = np.where(shown, middle, low), np.where(shown, high, middle)
    return _with_chroma(lab, low)


def _with_chroma(lab: Field, share: Field) -> Field:
    return np.column_stack([lab[:, 0], share[:, None] * lab[:, 1:]])


def _is_shown(linear: Field) -> NDArray[np.bool_]:
    shown: NDArray[np.bool_] = np.all((linear >= -_ROUNDING) & (linear <= 1 + _ROUNDING), axis=-1)
    return shown
