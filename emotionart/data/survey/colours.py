"""What a report shows of every picture of a table: brightness and dominant colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotionart.data.pictures.decode import decode
from emotionart.data.pictures.fit import resize
from emotionart.data.survey.once import Found, Kept, look_once
from emotionart.features.brightness import hsp_brightness
from emotionart.features.colour import dominant_colours
from emotionart.features.picture import COARSE_SIDE, FINE_SIDE, area_averages

_COLOURS = 5
_KEPT = (Kept("colours-v1", (1 + 4 * _COLOURS,), "float32"),)


@dataclass(frozen=True)
class Colours:
    """Those of the pictures of a table, in its order; zeros where one cannot be read.

    Attributes:
        brightness: (n,) perceived brightness, 0 to 1.
        palette: (n, 5, 4) dominant colours in CIELAB and their shares, the largest first; shares of 0 fill up.
    """

    brightness: NDArray[np.float32]
    palette: NDArray[np.float32]


def find_colours(paths: Sequence[str], cache: Path) -> Colours:
    """Those of every picture, each looked at once.

    Args:
        paths: of the files.
        cache: folder in which they are kept.
    """
    (numbers,) = look_once(paths, _KEPT, _look, "looking at colours", cache).found
    return Colours(numbers[:, 0], numbers[:, 1:].reshape(-1, _COLOURS, 4))


def _look(source: bytes) -> Found:
    fine, coarse = area_averages(resize(decode(source, FINE_SIDE), 2 * FINE_SIDE), (FINE_SIDE, COARSE_SIDE))
    colours = dominant_colours(coarse)
    palette = np.zeros((_COLOURS, 4), np.float32)
    palette[: len(colours.weights)] = np.column_stack([colours.lab, colours.weights])
    return (np.array([hsp_brightness(fine), *palette.ravel()], np.float32),)
