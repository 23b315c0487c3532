"""Emotional colour transfer: a picture with its own lightness and texture in the colours of a landmark palette.

The study's second reference names the aim but not the method: this one is a reconstruction.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from emotionart.features.colour import Palette, dominant_colours, rgb_to_lab
from emotionart.features.picture import COARSE_SIDE, area_averages
from emotionart.recolour.gamut import lab_to_rgb
from emotionart.recolour.guided_filter import guided_filter
from emotionart.recolour.skin import protect_skin, skin_likeness
from emotionart.recolour.transport import transported

Picture = NDArray[np.uint8]
Field = NDArray[np.float32]

SKIN_ANGLE = 15.0
"""Default maximum change of the hue of skin in degrees."""

_ENDS = (15.0, 80.0)
"""L* beyond which shifts fade out towards black and white, where the gamut is narrow; otherwise, light yellow beside
white would form a band."""
_BLEND = 20.0  # ΔE: standard deviation of a dominant colour's influence on similar colours
_WORKING_SIDE = 384  # longer side in pixels at which shifts are smoothed
_RADIUS, _FLAT = 6, 5.0  # smoothing: radius in pixels at that side, and ΔE below which texture is shifted uniformly


def recolour(
    picture: Picture, target: NDArray[np.float64], strength: float = 1.0, skin_angle: float = SKIN_ANGLE
) -> Picture:
    """(h, w, 3) uint8 sRGB: the picture with its five dominant colours shifted towards a palette.

    Optimal transport assigns the dominant colours to the palette. A pixel shifts like the dominant colours nearest to
    it, smoothed by a guided filter, so that texture shifts uniformly and edges are preserved. Only a* and b* change: L*
    stays the same up to rounding to 8 bits, and so does the order of light and dark. Out-of-gamut colours lose chroma.

    Args:
        picture: (h, w, 3) uint8, sRGB.
        target: (m, 3), CIELAB, such as `emotionart.features.colour.landmark("calm")`.
        strength: 0 leaves the picture bit-identical, 1 shifts fully.
        skin_angle: maximum change of the hue of skin in degrees, 0 to 90; 90 turns the protection off.
    """
    lab = rgb_to_lab(picture)
    palette = dominant_colours(area_averages(picture, (COARSE_SIDE,))[0])
    moves = (transported(palette, target) - palette.lab)[:, 1:].astype(np.float32)
    moved_by, likeness = _smooth_moves(lab, palette, moves)
    moved: Field = lab[..., 1:] + np.float32(strength) * _fade(lab[..., :1]) * moved_by
    lab[..., 1:] = protect_skin(lab, moved, likeness, skin_angle) if skin_angle < 90 else moved
    return lab_to_rgb(lab)


def _fade(lightness: Field) -> Field:
    """(…,): 1 between `_ENDS`, 0 at black and white."""
    dark, light = _ENDS
    faded: Field = np.minimum(lightness / np.float32(dark), (100 - lightness) / np.float32(100 - light)).clip(0, 1)
    return faded


def _smooth_moves(lab: Field, palette: Palette, moves: Field) -> tuple[Field, Field]:
    """(h, w, 2) shift of each pixel's a* and b* at full strength, and (h, w) its likeness to skin, 0 to 1."""
    height, width = lab.shape[:2]
    scale = min(1.0, _WORKING_SIDE / max(height, width))
    size = max(1, round(scale * width)), max(1, round(scale * height))
    small = np.asarray(cv2.resize(lab, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    distances = np.stack([np.square(small - colour).sum(axis=-1) for colour in palette.lab.astype(np.float32)], axis=-1)
    distances -= distances.min(axis=-1, keepdims=True)
    weights = np.exp(-distances / (2 * _BLEND**2))
    weights /= weights.sum(axis=-1, keepdims=True)
    rough = np.concatenate([weights @ moves, skin_likeness(small)[..., None]], axis=-1)
    smooth = guided_filter(small, rough, lab, _RADIUS, _FLAT)
    return smooth[..., :2], smooth[..., 2].clip(0, 1)
