"""A work in the colours of an emotion, with its features and a classifier's probabilities before and after."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from emotionart.classifier.predictor import Predictor
from emotionart.data.pictures.decode import load_picture
from emotionart.data.pictures.encode import png_files
from emotionart.features.colour import LANDMARKS, landmark
from emotionart.features.vectors import compute, feature_names
from emotionart.figures.recoloured import Reading
from emotionart.recolour.transfer import SKIN_ANGLE, recolour

Picture = NDArray[np.uint8]

FEATURES = "cvfc13"
"""The feature set to compute."""
_SMALL_SIDE = 256  # longer side in pixels of a picture shown in all palettes


@dataclass(frozen=True)
class Recoloured:
    """A work before and after recolouring.

    Attributes:
        before, after: (h, w, 3) uint8, sRGB.
        file: `after` as PNG.
        readings: features before and after; then probabilities, if there is a classifier.
    """

    before: Picture
    after: Picture
    file: bytes
    readings: tuple[Reading, ...]


def recolour_work(
    source: Path | bytes,
    palette: str,
    strength: float = 1.0,
    skin_angle: float = SKIN_ANGLE,
    judge: Predictor | None = None,
) -> Recoloured:
    """Recolours a picture, and computes features and probabilities of both versions.

    Args:
        source: path of a file, or its bytes.
        palette: a name in `LANDMARKS`.
        strength, skin_angle: as for `emotionart.recolour.transfer.recolour`.
        judge: classifier to run on both versions; None for none.

    Raises:
        emotionart.data.pictures.decode.PictureError: for a picture that cannot be read.
    """
    before = load_picture(source)
    after = recolour(before, landmark(palette), strength, skin_angle)
    (file,) = png_files(after[None])
    features = (compute(picture, [FEATURES]) for picture in (before, after))
    readings = [Reading("the 13 features", feature_names([FEATURES]), *features)]
    if judge:
        probabilities = judge.predict([source, file])
        readings.append(Reading("probabilities by the classifier", judge.classes, *probabilities))
    return Recoloured(before, after, file, tuple(readings))


def in_all_palettes(
    picture: Picture, strength: float = 1.0, skin_angle: float = SKIN_ANGLE
) -> tuple[Picture, dict[str, Picture]]:
    """A thumbnail of a picture (h, w, 3) uint8, and the thumbnail in the colours of each palette, by name."""
    thumbnail = Image.fromarray(picture)
    thumbnail.thumbnail((_SMALL_SIDE, _SMALL_SIDE))
    small = np.asarray(thumbnail)
    return small, {name: recolour(small, landmark(name), strength, skin_angle) for name in LANDMARKS}
