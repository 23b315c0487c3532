"""Colours near skin, which may not turn far: a blue face is not a sad one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]

HUES = (20.0, 35.0, 75.0, 90.0)
"""Hue angle h_ab in degrees: skin is from the second to the third, and no longer beyond the outer ones (*ours*)."""
CHROMA = (2.0, 12.0)
"""C*_ab below which a colour is too grey to be skin, and from which on it may be."""
LIGHTNESS = (20.0, 32.0)
"""L* below which a colour is too dark to be told from a brown ground, and from which on it may be."""

KEPT_CHROMA = 0.5
"""The part of its chroma that skin keeps at least."""


def skin_likeness(lab: Field) -> Field:
    """(…,): 1 for colours that skin has, falling continuously to 0 for others."""
    lightness, a, b = np.moveaxis(lab, -1, 0)
    hue = np.rad2deg(np.arctan2(b, a))
    return (
        _rise(hue, HUES[:2])
        * _rise(-hue, (-HUES[3], -HUES[2]))
        * _rise(np.hypot(a, b), CHROMA)
        * _rise(lightness, LIGHTNESS)
    )


def spare_skin(lab: Field, moved: Field, likeness: Field, angle: float) -> Field:
    """Where colours go (…, 2) if those of skin turn by at most `angle` and keep part of their chroma.

    What would turn farther is cut off at the edges of a wedge around its own hue, never mirrored to the other side, so
    that the result is as continuous as what it is given.

    Args:
        lab: (…, 3) colours as they are.
        moved: (…, 2) a*, b* of where they would go.
        likeness: (…,) how far this holds of each, 0 to 1.
        angle: degrees, 0 to below 90.
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
    """0 up to the first end, 1 from the second on, a straight line between."""
    low, high = ends
    risen: Field = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    return risen
