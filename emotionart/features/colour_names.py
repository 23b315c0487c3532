"""Shares of the eleven basic colour terms in a picture."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from emotionart.features.colour import parse_hex, rgb_to_lab

SHADES = {
    "black": ("0A0A0A", "1E1B19"),
    "blue": ("1F3FC4", "5E8FAE", "92C4E3", "1E2F6E"),
    "brown": ("6B4423", "3E2A1C", "A0764E"),
    "green": ("2E8B45", "8CC98A", "1F4A2C", "7A8040"),
    "grey": ("808080", "B4B4B4", "4C4C4C"),
    "orange": ("F08020",),
    "pink": ("F2A0B5", "E86C96"),
    "purple": ("7B3F9E", "B79AD0", "3E1F50"),
    "red": ("C41E2A", "7E1620"),
    "white": ("F5F5F5",),
    "yellow": ("F5D82E", "F3E79B"),
}
"""The basic terms of Berlin and Kay 1969, each with typical sRGB colours (*ours*)."""

_NAME_OF_SHADE = np.repeat(np.arange(len(SHADES)), [len(shades) for shades in SHADES.values()])


@cache
def _shades() -> NDArray[np.float32]:
    return rgb_to_lab(parse_hex([shade for shades in SHADES.values() for shade in shades]))


def colour_name_shares(lab: NDArray[np.float32]) -> NDArray[np.float64]:
    """(11,), summing to one: share of the pixels whose nearest shade (ΔE76) belongs to each colour term.

    Args:
        lab: (…, 3), CIELAB.
    """
    nearest = np.linalg.norm(lab.reshape(-1, 1, 3) - _shades(), axis=2).argmin(axis=1)
    return np.bincount(_NAME_OF_SHADE[nearest], minlength=len(SHADES)) / len(nearest)
