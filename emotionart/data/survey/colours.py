"""Brightness and dominant colours of every picture of a table, for the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotionart.data.pictures.decode import decode
from emotionart.data.pictures.fit import resize
from emotionart.data.survey.once import Found, Kept, compute_once
from emotionart.features.brightness import hsp_brightness
from emotionart.features.colour import dominant_colours
from emotionart.features.picture import COARSE_SIDE, FINE_SIDE, area_averages

_COLOURS = 5
_KEPT = (Kept("colours-v3", (1 + 4 * _COLOURS,), "float32"),)


@dataclass(frozen=True)
class Colours:
    """Colours of the pictures of a table, in its order; zeros for unreadable pictures.

    Attributes:
        brightness: (n,) perceived brightness, 0 to 1.
        palette: (n, 5, 4) dominant colours in CIELAB and their shares, largest first, padded with shares of 0.
    """

    brightness: NDArray[np.float32]
    palette: NDArray[np.float32]


def find_colours(paths: Sequence[str], cache: Path) -> Colours:
    """Colours of every picture, each read only once.

    Args:
        paths: paths of the pictures.
        cache: folder in which results are stored.
    """
    (numbers,) = compute_once(paths, _KEPT, _look, "looking at colours", cache).arrays
    return Colours(numbers[:, 0], numbers[:, 1:].reshape(-1, _COLOURS, 4))


def _look(source: bytes) -> Found:
    fine, coarse = area_averages(resize(decode(source, FINE_SIDE), 2 * FINE_SIDE), (FINE_SIDE, COARSE_SIDE))
    colours = dominant_colours(coarse)
    palette = np.zeros((_COLOURS, 4), np.float32)
    palette[: len(colours.weights)] = np.column_stack([colours.lab, colours.weights])
    return (np.array([hsp_brightness(fine), *palette.ravel()], np.float32),)
