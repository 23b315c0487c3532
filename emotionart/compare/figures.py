"""The figures of comparisons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from emotionart.compare.classifiers.format import label, shown_letters
from emotionart.compare.classifiers.learning import LearningCurve
from emotionart.compare.classifiers.table import Table
from emotionart.compare.gans import GANRow
from emotionart.figures.dots import Dots, dots
from emotionart.figures.learning_curves import Curve, learning_curves

_COLUMNS = 4


def table_figure(table: Table, *, narrow: bool = False) -> Figure:
    """The accuracies of each row's seeds as points, with mean, interval and letters; `narrow` for a phone."""
    letters = shown_letters(table)
    lines = [
        Dots(label(row), row.values["acc"].tolist() if "acc" in row.values else [], row.interval, group, row.baseline)
        for row, group in zip(table.rows, letters, strict=True)
    ]
    footnotes = []
    if any(letters):
        footnotes.append("Letters at the right: rows without a common one differ (5 %, Holm's correction).")
    if any(row.random_features for row in table.rows):
        footnotes.append("* on random features, not on pretrained ones")
    return dots(lines, majority=table.majority, ceiling=table.ceiling, footnotes=footnotes, narrow=narrow)


def curves_figure(curves: Sequence[LearningCurve], *, narrow: bool = False) -> Figure:
    """Accuracy against the number of training artworks, with the fitted power law of each curve."""
    return learning_curves(
        [Curve(one.name, one.counts, one.accuracy, one.law.accuracy if one.law else None) for one in curves],
        narrow=narrow,
    )


def samples_figure(rows: Sequence[GANRow]) -> Figure:
    """Generated pictures of each row, below its name."""
    columns = min(_COLUMNS, len(rows))
    height = -(-len(rows) // columns)
    figure = Figure(figsize=(3.2 * columns, 3.5 * height), layout="constrained")
    for axes in (grid := np.atleast_1d(figure.subplots(height, columns))).flat:
        axes.set_axis_off()
    for axes, row in zip(grid.flat, rows, strict=False):
        axes.set_title(row.name, fontsize=8)
        if row.samples:
            with Image.open(row.samples, formats=["PNG"]) as samples:
                axes.imshow(np.asarray(samples), interpolation="nearest")
        else:
            axes.text(0.5, 0.5, "missing", ha="center", transform=axes.transAxes)
    return figure
