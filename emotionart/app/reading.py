"""Reads one picture: the classifiers' probabilities, an attribution map, and its 13 features."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from emotionart.attribution.maps import choose
from emotionart.attribution.network import as_floats
from emotionart.classifier.ensemble import Ensemble
from emotionart.classifier.predictor import Predictor
from emotionart.data.pictures.decode import decode, load_resized, read_file
from emotionart.data.pictures.encode import png_files
from emotionart.errors import UserError
from emotionart.explain.model import picture_network
from emotionart.figures import heatmaps, plots
from emotionart.figures import picture as feature_figure
from emotionart.inputs.joined import JoinedBackbones

Picture = NDArray[np.uint8]

_SHOWN_SIDE, _THUMBNAIL_SIDE = 640, 320  # pixels
_DPI = 90


@dataclass(frozen=True)
class PicturePrediction:
    """The predictions of several classifiers for one picture.

    Attributes:
        classes: names of the K classes.
        probabilities: (R, K), one row for each of the R classifiers.
    """

    classes: tuple[str, ...]
    probabilities: NDArray[np.float64]

    @property
    def mean(self) -> dict[str, float]:
        """The mean probability of each class."""
        return dict(zip(self.classes, self.probabilities.mean(axis=0).tolist(), strict=True))

    def rows(self) -> list[list[str]]:
        """Class, mean probability and, for several classifiers, its range; the most probable class first."""
        mean, low, high = (getattr(self.probabilities, name)(axis=0) for name in ("mean", "min", "max"))
        several = len(self.probabilities) > 1
        return [
            [
                self.classes[index],
                f"{mean[index]:.0%}",
                f"{low[index]:.0%} to {high[index]:.0%}" if several else "one run",
            ]
            for index in np.argsort(-mean)
        ]


def display_copy(picture: Image.Image) -> Picture:
    """A picture for display, (height, width, 3), at most 640 pixels high and wide."""
    small = picture.copy()
    small.thumbnail((_SHOWN_SIDE, _SHOWN_SIDE))
    return np.asarray(small)


def thumbnail(path: Path) -> Picture:
    """A thumbnail of a picture file, (height, width, 3), at most 320 pixels high and wide.

    Raises:
        PictureError: if it cannot be read.
    """
    small = decode(read_file(path), _THUMBNAIL_SIDE)
    small.thumbnail((_THUMBNAIL_SIDE, _THUMBNAIL_SIDE))
    return np.asarray(small)


def limit_size(content: bytes, side: int) -> bytes:
    """The file of a picture, reduced to at most `side` pixels high and wide.

    Raises:
        PictureError: if it cannot be read.
    """
    picture = decode(content)
    if max(picture.size) <= side:
        return content
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    (file,) = png_files(np.asarray(picture)[None])
    return file


def read(predictors: Sequence[Predictor], content: bytes) -> PicturePrediction:
    """The predictions of classifiers for a picture.

    Raises:
        UserError: for no classifier, or classifiers with different classes.
        PictureError: if the picture cannot be read.
    """
    if not predictors:
        raise UserError("Choose a run to read the picture with.")
    classes = predictors[0].classes
    if any(predictor.classes != classes for predictor in predictors):
        raise UserError("These runs have different classes; choose runs with the same ones.")
    return PicturePrediction(classes, Ensemble(tuple(predictors)).predict_each([content])[:, 0])


def attribution_map(predictor: Predictor, content: bytes) -> Picture | None:
    """Attribution map of the most probable class (orange for, blue against).

    None for a run without maps: on hand-crafted features, or on several networks at once.
    """
    representation = predictor.representation
    network = None if isinstance(representation, JoinedBackbones) else picture_network(predictor)
    if network is None:
        return None
    small = load_resized(content, representation.size, representation.fit)
    picture = as_floats(np.stack([small]))
    with torch.no_grad():
        target = network(picture).argmax(1, keepdim=True)
    maps = choose(network, picture, None, None).maps(picture, target).numpy()
    large = np.asarray(Image.fromarray(small).resize((_SHOWN_SIDE // 2,) * 2, Image.Resampling.NEAREST))
    return heatmaps.overlay(large, maps[0, 0], float(heatmaps.scales(maps)[0]))


def draw_features(content: bytes) -> Picture:
    """The figure of a picture's 13 features."""
    file = io.BytesIO()
    plots.write_png(feature_figure.explain(np.asarray(decode(content)), "this picture"), file, _DPI)
    with Image.open(file) as drawn:
        return np.asarray(drawn.convert("RGB"))
