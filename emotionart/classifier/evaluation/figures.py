"""Draws the figures of a run from its data and result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from emotionart.classifier.evaluation.feature_importance import build_feature_figures
from emotionart.data.artworks import Artworks
from emotionart.data.pictures.views import parse_views
from emotionart.draws import artwork_keys
from emotionart.figures import classifier as draw
from emotionart.run.predictions import Predictions

_VIEWED_ARTWORKS = 6
_SHOWN_MISTAKES = 16


def build_figures(
    result: Mapping[str, Any],
    history: Sequence[Mapping[str, float]],
    artworks: Artworks,
    tested: Predictions,
    views: Sequence[str],
    features: NDArray[np.float32] | None,
) -> dict[str, Callable[[], Figure]]:
    """Functions that draw the figures, by name.

    Args:
        result: contents of `result.json`.
        history: one row per epoch; empty if nothing was trained.
        artworks: artworks of all parts.
        tested: predictions for the test split.
        views: names of the augmentation views in training.
        features: (n, D) named features of the training split; None without names.
    """
    figures: dict[str, Callable[[], Figure]] = {
        "confusion": partial(draw_confusion, result),
        "mistakes": partial(_mistakes, artworks, tested),
    }
    if history:
        figures |= {"views": partial(_views, artworks, views), "curves": partial(draw_curves, result, history)}
    if features is not None:
        train = artworks.label[artworks.indices("train")]
        figures |= build_feature_figures(result["features"], features, train, artworks.classes)
    return figures


def draw_confusion(result: Mapping[str, Any]) -> Figure:
    """The confusion matrix of the test, from the contents of `result.json`."""
    return draw.confusion_matrix(np.array(result["test"]["confusion"]), result["classes"])


def _views(artworks: Artworks, names: Sequence[str]) -> Figure:
    """The augmentation views of a few training artworks."""
    train = artworks.indices("train")
    shown = train[np.argsort(artwork_keys(artworks.id[train]))][:_VIEWED_ARTWORKS]
    views = parse_views(names)
    pictures = np.stack([np.stack([view(artworks.pixels[artworks.row[row]]) for view in views]) for row in shown])
    return draw.views(pictures, list(names))


def draw_curves(result: Mapping[str, Any], history: Sequence[Mapping[str, float]], *, stacked: bool = False) -> Figure:
    """Loss and accuracy over the epochs, from the contents of `result.json`; `stacked` for a phone."""
    ceiling = result["ceiling"]
    return draw.training_curves(
        history,
        majority=result["baselines"]["majority"]["validation"]["acc"]["value"],
        ceiling=ceiling["validation"] if ceiling else None,
        best_epoch=result["checkpoint"]["epoch"],
        stacked=stacked,
    )


@dataclass(frozen=True)
class Mistake:
    """An artwork that was classified wrongly.

    Attributes:
        row: position among the artworks.
        name: file name.
        picture: (s, s, 3) uint8, decoded picture.
        truth, predicted: true and predicted class.
        confidence: probability of the predicted class.
    """

    row: int
    name: str
    picture: NDArray[np.uint8]
    truth: str
    predicted: str
    confidence: float


def worst_mistakes(artworks: Artworks, tested: Predictions) -> list[Mistake]:
    """The most confident mistakes, the worst first."""
    confidence = tested.probabilities.max(axis=1)
    wrong = np.flatnonzero(tested.predicted != tested.label)
    wrong = wrong[np.argsort(-confidence[wrong], kind="stable")][:_SHOWN_MISTAKES]
    row_of = {id: index for index, id in enumerate(artworks.id)}
    mistakes = []
    for index in wrong:
        row = row_of[tested.id[index]]
        name, picture = Path(str(artworks.image[row])).name, artworks.pixels[artworks.row[row]]
        truth, predicted = str(tested.label[index]), str(tested.predicted[index])
        mistakes.append(Mistake(row, name, picture, truth, predicted, float(confidence[index])))
    return mistakes


def _mistakes(artworks: Artworks, tested: Predictions) -> Figure:
    """The figure of the most confident mistakes."""
    mistakes = worst_mistakes(artworks, tested)
    return draw.mistakes(
        np.array([one.picture for one in mistakes], dtype=np.uint8),
        [one.truth for one in mistakes],
        [one.predicted for one in mistakes],
        [one.confidence for one in mistakes],
        [one.name for one in mistakes],
    )
