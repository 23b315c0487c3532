"""Emotional colour transfer: a picture under its own light and texture, in the colours of a landmark palette.

The study's second reference names the aim and leaves the method open: this one is a reconstruction.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from emotionart.features.colour import Palette, dominant_colours, rgb_to_lab
from emotionart.features.picture import COARSE_SIDE, area_averages
from emotionart.recolour.gamut import lab_to_rgb
from emotionart.recolour.guided_filter import guided_filter
from emotionart.recolour.skin import skin_likeness, spare_skin
from emotionart.recolour.transport import transported

Picture = NDArray[np.uint8]
Field = NDArray[np.float32]

SKIN_ANGLE = 15.0
"""Degrees by which skin turns at most, unless told otherwise."""

_ENDS = (15.0, 80.0)
"""L* beyond which moves fade towards black and white, in which the gamut ends: a light yellow beside white would
be a band."""

_BLEND = 20.0  # ΔE: how far the move of a dominant colour reaches into its neighbours
_WORKING_SIDE = 384  # pixels of the longer side, at which the moves are smoothed
_RADIUS, _FLAT = 6, 5.0  # of the smoothing: pixels at that side, and the ΔE below which texture moves as one


def recolour(
    picture: Picture, target: NDArray[np.float64], strength: float = 1.0, skin_angle: float = SKIN_ANGLE
) -> Picture:
    """The picture (h, w, 3) with its five dominant colours moved towards a palette; sRGB, uint8.

    Optimal transport decides where each dominant colour goes. A pixel moves as those nearest to it do, smoothed by a
    guided filter, so that texture moves as one and edges stay edges. Only a* and b* move: L* stays as it is, up to the
    rounding to 8 bits, and with it the order of light and dark. A colour that no screen shows at its lightness becomes
    greyer.

    Args:
        picture: sRGB, uint8.
        target: (m, 3), CIELAB, such as `emotionart.features.colour.landmark("calm")`.
        strength: 0 leaves the picture as it is, to the bit; 1 goes all the way.
        skin_angle: degrees by which hues near skin turn at most, 0 to 90; at 90 they go where the others do.
    """
    lab = rgb_to_lab(picture)
    palette = dominant_colours(area_averages(picture, (COARSE_SIDE,))[0])
    moves = (transported(palette, target) - palette.lab)[:, 1:].astype(np.float32)
    moved_by, likeness = _smooth_moves(lab, palette, moves)
    moved: Field = lab[..., 1:] + np.float32(strength) * _fade(lab[..., :1]) * moved_by
    lab[..., 1:] = spare_skin(lab, moved, likeness, skin_angle) if skin_angle < 90 else moved
    return lab_to_rgb(lab)


def _fade(lightness: Field) -> Field:
    """(…,): 1 between `_ENDS`, 0 at black and white."""
    dark, light = _ENDS
    faded: Field = np.minimum(lightness / np.float32(dark), (100 - lightness) / np.float32(100 - light)).clip(0, 1)
    return faded


def _smooth_moves(lab: Field, palette: Palette, moves: Field) -> tuple[Field, Field]:
    """(h, w, 2) how far each pixel's a* and b* move at full strength, and (h, w) how far it is skin."""
    height, width = lab.shape[:2]
    scale = min(1.0, _WORKING_SIDE / max(height, width))
    size = max(1, round(scale * width)), max(1, round(scale * height))
    small = np.asarray(cv2.resize(lab, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    distances = np.stack([np.square(small - colour).sum(axis=-1) for colour in palette.lab.astype(np.float32)], axis=-1)
    distances -= distances.min(axis=-1, keepdims=True)
    nearness = np.exp(-distances / (2 * _BLEND**2))
    nearness /= nearness.sum(axis=-1, keepdims=True)
    rough = np.concatenate([nearness @ moves, skin_likeness(small)[..., None]], axis=-1)
    smooth = guided_filter(small, rough, lab, _RADIUS, _FLAT)
    return smooth[..., :2], smooth[..., 2].clip(0, 1)
