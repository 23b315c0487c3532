"""Figures of a classifier's run: training curves, confusion matrix, mistakes, augmented views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from emotionart.figures.plots import BLUE, GREEN, GREY, ORANGE, Pictures, mosaic, open_axes, panels

MOST_CLASSES = 40
"""Largest number of classes that are drawn one by one."""


def training_curves(
    history: Sequence[Mapping[str, float]],
    *,
    majority: float,
    ceiling: float | None,
    best_epoch: int,
    stacked: bool = False,
) -> Figure:
    """Loss and accuracy over the epochs.

    Args:
        history: one row per epoch, with `epoch`, `train/loss`, `train/acc`, `val/loss`, `val/acc` where known.
        majority: validation accuracy of the majority baseline, 0 to 1.
        ceiling: upper bound of the expected validation accuracy of any model, if known.
        best_epoch: epoch whose weights were kept, from 0.
        stacked: whether the panels are one below the other, for a phone.
    """
    figure, both = panels(2, 10, 3.8, stacked=stacked)
    for axes, metric, title in zip(both, ("loss", "acc"), ("Cross-entropy", "Accuracy"), strict=True):
        for part, name, colour in (("train", "training", BLUE), ("val", "validation", ORANGE)):
            points = [(row["epoch"] + 1, row[f"{part}/{metric}"]) for row in history if f"{part}/{metric}" in row]
            if points:
                axes.plot(*zip(*points, strict=True), color=colour, marker=".", label=name)
        axes.axvline(best_epoch + 1, color=GREY, linewidth=1, linestyle=":", label=f"kept: epoch {best_epoch + 1}")
        if metric == "acc":
            axes.axhline(
                majority, color=GREY, linestyle="--", linewidth=1, label=f"majority {majority:.0%} on validation"
            )
            if ceiling is not None:
                label = f"ceiling {ceiling:.0%} on validation"
                axes.axhline(ceiling, color=GREEN, linestyle="--", linewidth=1, label=label)
            axes.set_ylim(0, 1)
            axes.yaxis.set_major_formatter("{x:.0%}")
        axes.set(title=title, xlabel="epoch")
        axes.locator_params(axis="x", integer=True)
        axes.legend(frameon=False, fontsize=8)
        open_axes(axes)
    return figure


def confusion_matrix(matrix: NDArray[np.int_], classes: Sequence[str]) -> Figure:
    """Artworks by true class (rows) and predicted class (columns), coloured by share of the row.

    Above `MOST_CLASSES`, the size is fixed, and numbers and names are left out.

    Args:
        matrix: (K, K) counts.
        classes: names of the K classes.
    """
    few = len(classes) <= MOST_CLASSES
    side = 2.2 + 0.75 * len(classes) if few else 10
    figure = Figure(figsize=(side + 0.8, side), layout="constrained")
    axes = figure.subplots()
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(*matrix.shape) if few else ():
        share = shares[row, column]
        axes.text(
            column,
            row,
            f"{share:.0%}\n{matrix[row, column]}",
            ha="center",
            va="center",
            fontsize=8,
            color="white" if share > 0.7 else "black",  # the darker half of Blues by its luminance
        )
    numbered = "" if few else " (number of the class, in the order of result.json)"
    axes.set(title="Test artworks: share of each true class", xlabel=f"predicted{numbered}", ylabel=f"true{numbered}")
    if few:
        slanted = len(classes) > 3
        names = range(len(classes))
        axes.set_xticks(names, classes, rotation=30 if slanted else 0, ha="right" if slanted else "center")
        axes.set_yticks(names, classes)
    figure.colorbar(image, ax=axes, format="{x:.0%}", shrink=0.8)
    return figure


def mistakes(
    pictures: Pictures,
    truth: Sequence[str],
    predicted: Sequence[str],
    confidence: Sequence[float],
    names: Sequence[str],
) -> Figure:
    """A sheet of wrongly classified artworks.

    Args:
        pictures: (m, s, s, 3).
        truth, predicted: (m,) class names.
        confidence: (m,) probability of the predicted class.
        names: (m,) names by which to find the pictures.
    """
    if len(pictures) == 0:
        figure = Figure(figsize=(4, 1))
        figure.text(0.5, 0.5, "No test artwork was classified wrongly.", ha="center")
        return figure
    columns = min(4, len(pictures))
    captions = [
        f"{wrong} {share:.0%}\ntruly {true}\n{name}"
        for true, wrong, share, name in zip(truth, predicted, confidence, names, strict=True)
    ]
    return mosaic(pictures, captions, columns, "Most confident mistakes on the test split", inches=2.3, lines=3)


def views(pictures: NDArray[np.uint8], names: Sequence[str]) -> Figure:
    """Augmented views of training artworks.

    Args:
        pictures: (m, v, s, s, 3), drawn with one artwork per column and one view per row.
        names: (v,) names of the views.
    """
    artworks = len(pictures)
    cells = pictures.swapaxes(0, 1).reshape(-1, *pictures.shape[2:])
    captions = [name for name in names for _ in range(artworks)]
    return mosaic(cells, captions, artworks, "Training artworks as the model sees them", inches=1.5, lines=1)
