"""CIELAB colours as sRGB, those that no screen shows made greyer at their lightness and hue."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emotionart.features.colour import lab_to_linear_rgb

Field = NDArray[np.float32]

_HALVINGS = 10  # of the chroma's interval: within a thousandth
_ROUNDING = 1e-3  # beyond 0..1, of linear light: less than half a level of 8 bits


def lab_to_rgb(lab: Field) -> NDArray[np.uint8]:
    """8-bit sRGB (…, 3) of CIELAB (…, 3); colours outside the gamut keep L* and hue, and lose just enough chroma."""
    linear = lab_to_linear_rgb(lab)
    outside = ~_is_shown(linear)
    linear[outside] = lab_to_linear_rgb(_greyer(lab[outside]))
    clipped = linear.clip(0, 1)
    encoded = np.where(clipped > 0.0031308, 1.055 * clipped ** (1 / 2.4) - 0.055, 12.92 * clipped)
    rgb: NDArray[np.uint8] = np.rint(255 * encoded).astype(np.uint8)
    return rgb


def _greyer(lab: Field) -> Field:
    """Colours (n, 3) outside the gamut, with the most chroma inside it, by bisection."""
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
