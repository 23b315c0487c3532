"""Signed maps as pictures: the only place where they are scaled, coloured and laid over artworks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

from emotionart.features.hue import LUMA_WEIGHTS
from emotionart.figures.plots import BLUE, ORANGE, Pictures, mosaic

Array = NDArray[np.float64]

FOR, AGAINST = ORANGE, BLUE
"""Colours of evidence for and against a class, which the colour-blind can tell apart."""

_OPAQUE = 0.85  # opacity of the colour at full scale


def overlay(picture: NDArray[np.uint8], map: NDArray[np.floating[Any]], scale: float) -> NDArray[np.uint8]:
    """A grey picture under a map: orange is for the class, blue against it, grey is 0.

    Args:
        picture: (s, s, 3) uint8.
        map: (h, w) signed.
        scale: value of full colour; the same for all maps of a picture, so that they can be compared.
    """
    side = picture.shape[0]
    fine = cv2.resize(map.astype(np.float32), (side, side), interpolation=cv2.INTER_LINEAR)
    strength = np.clip(fine / scale, -1, 1) if scale > 0 else np.zeros_like(fine)
    luma = picture @ np.array(LUMA_WEIGHTS)
    colour = np.where(strength[..., None] > 0, to_rgb(FOR), to_rgb(AGAINST)) * 255
    opaque = _OPAQUE * np.abs(strength)[..., None]
    mixed: NDArray[np.uint8] = ((1 - opaque) * luma[..., None] + opaque * colour).round().astype(np.uint8)
    return mixed


def scales(maps: NDArray[np.floating[Any]]) -> Array:
    """The largest magnitude (n,) in the maps (n, T, h, w) of each picture."""
    largest: Array = np.abs(maps).max(axis=(1, 2, 3)).astype(np.float64)
    return largest


def sheet(rows: Sequence[tuple[Pictures, Sequence[str], float]], title: str) -> Figure:
    """Artworks beside their maps, two artworks per row.

    Args:
        rows: for each artwork its pictures (m, s, s, 3), the original first, a caption for each, and the width by
            height to draw them at.
        title: title of the sheet.
    """
    pictures = np.concatenate([cells for cells, _, _ in rows])
    captions = [caption for _, texts, _ in rows for caption in texts]
    aspects = [aspect for cells, _, aspect in rows for _ in cells]
    columns = len(rows[0][0]) * (2 if len(rows) > 1 else 1)
    return mosaic(pictures, captions, columns, title, inches=2.1, lines=2, aspects=aspects)
