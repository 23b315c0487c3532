"""The figures of a run, from its data and its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotionart.data.artworks import Artworks
from emotionart.data.pictures.views import parse_views
from emotionart.draws import artwork_keys
from emotionart.figures import plots

_VIEWED_ARTWORKS = 6
_SHOWN_MISTAKES = 16


def draw_views(artworks: Artworks, names: Sequence[str], folder: Path) -> None:
    """`views.png`: the views of a few training artworks."""
    train = artworks.indices("train")
    shown = train[np.argsort(artwork_keys(artworks.id[train]))][:_VIEWED_ARTWORKS]
    views = parse_views(names)
    pictures = np.stack([np.stack([view(artworks.pixels[artworks.row[row]]) for view in views]) for row in shown])
    plots.save(plots.views(pictures, list(names)), folder / "views.png")


def draw_figures(
    result: Mapping[str, Any],
    history: Sequence[Mapping[str, float]],
    artworks: Artworks,
    probabilities: NDArray[np.float64],
    folder: Path,
) -> None:
    """`curves.png`, `confusion.png` and `mistakes.png` of a run.

    Args:
        result: as `result.json` holds it.
        history: a row an epoch.
        artworks: all parts.
        probabilities: of the test split, (n, K).
        folder: where to write.
    """
    classes, ceiling = artworks.classes, result["ceiling"]
    curves = plots.curves(
        history,
        majority=result["baselines"]["majority"]["validation"]["acc"]["value"],
        ceiling=ceiling["validation"] if ceiling else None,
        best_epoch=result["checkpoint"]["epoch"],
    )
    plots.save(curves, folder / "curves.png")
    plots.save(plots.confusion(np.array(result["test"]["confusion"]), classes), folder / "confusion.png")

    test = artworks.indices("test")
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != artworks.label[test])
    wrong = wrong[np.argsort(-confidence[wrong], kind="stable")][:_SHOWN_MISTAKES]
    sheet = plots.mistakes(
        artworks.pixels[artworks.row[test[wrong]]],
        [classes[index] for index in artworks.label[test[wrong]]],
        [classes[index] for index in predicted[wrong]],
        confidence[wrong],
        [Path(path).name for path in artworks.image[test[wrong]]],
    )
    plots.save(sheet, folder / "mistakes.png")
