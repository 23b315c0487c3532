"""Protection of skin colours from large changes of hue: a blue face is not a sad one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]

HUES = (20.0, 35.0, 75.0, 90.0)
"""Hue angles h_ab in degrees: skin lies between the second and the third, none beyond the outer ones (*ours*)."""
CHROMA = (2.0, 12.0)
"""C*_ab up to which a colour is too grey to be skin, and from which on it may be skin."""
LIGHTNESS = (20.0, 32.0)
"""L* up to which a colour is too dark to tell skin from a brown background, and from which on it may be skin."""

KEPT_CHROMA = 0.5
"""Minimum fraction of its chroma that skin keeps."""


def skin_likeness(lab: Field) -> Field:
    """(…,): 1 for skin colours, falling continuously to 0 for others, of (…, 3) CIELAB."""
    lightness, a, b = np.moveaxis(lab, -1, 0)
    hue = np.rad2deg(np.arctan2(b, a))
    return (
        _rise(hue, HUES[:2])
        * _rise(-hue, (-HUES[3], -HUES[2]))
        * _rise(np.hypot(a, b), CHROMA)
        * _rise(lightness, LIGHTNESS)
    )


def protect_skin(lab: Field, moved: Field, likeness: Field, angle: float) -> Field:
    """(…, 2): new a*, b* of colours, with the hue of skin changing by at most `angle` and its chroma partly kept.

    A larger change is clipped to a wedge around the original hue, on the same side, so that the result is as continuous
    as the input.

    Args:
        lab: (…, 3) original colours, CIELAB.
        moved: (…, 2) new a*, b* without protection.
        likeness: (…,) strength of the protection, 0 to 1.
        angle: maximum change of hue in degrees, from 0 to below 90.
    """
    own = lab[..., 1:]
    chroma = np.linalg.norm(own, axis=-1, keepdims=True)
    ahead = own / np.maximum(chroma, 1e-6)
    aside = np.stack([-ahead[..., 1], ahead[..., 0]], axis=-1)
    along = np.maximum((moved * ahead).sum(axis=-1, keepdims=True), KEPT_CHROMA * chroma)
    widest = along * np.float32(np.tan(np.deg2rad(angle)))
    across = np.clip((moved * aside).sum(axis=-1, keepdims=True), -widest, widest)
    spared: Field = moved + likeness[..., None] * (along * ahead + across * aside - moved)
    return spared


def _rise(values: Field, ends: tuple[float, float]) -> Field:
    """Linear ramp: 0 up to the first end, 1 from the second on."""
    low, high = ends
    risen: Field = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    return risen
