"""Figures of a run on named features: their importance, distributions by class, and coefficients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from emotionart.figures.plots import BLUE, GREEN, GREY, ORANGE
from emotionart.statistics.importance import Coefficients, Drop

MOST_SHOWN = 16
"""Largest number of features in a figure, which shows the most important ones."""

_COLOURS = (BLUE, ORANGE, GREEN, "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", GREY)


def importances(groups: Mapping[str, Drop], features: Mapping[str, Drop], part: str) -> Figure:
    """Permutation importance of groups and of single features; whiskers are standard deviations over the shuffles.

    Args:
        groups: drop in accuracy (0 to 1) when each group is shuffled together.
        features: drop in accuracy when each feature is shuffled alone.
        part: split that it was measured on.
    """
    shown = dict(sorted(features.items(), key=lambda item: -item[1].mean)[:MOST_SHOWN])
    figure = Figure(figsize=(10, 1.6 + 0.27 * max(len(shown), len(groups))), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_drops(left, dict(sorted(groups.items(), key=lambda item: -item[1].mean)), BLUE, "a whole group shuffled")
    kept = "one feature shuffled" if len(shown) == len(features) else f"the {len(shown)} most important features"
    _draw_drops(right, shown, ORANGE, kept)
    figure.suptitle(f"Which features matter: accuracy lost on the {part} split when they are shuffled", fontsize=11)
    return figure


def _draw_drops(axes: Axes, drops: Mapping[str, Drop], colour: str, title: str) -> None:
    means, deviations = ([100 * getattr(drop, part) for drop in drops.values()] for part in ("mean", "sd"))
    axes.barh(range(len(drops)), means, xerr=deviations, color=colour, height=0.6, ecolor="black", capsize=2)
    axes.set_yticks(range(len(drops)), drops, fontsize=9)
    axes.invert_yaxis()
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_title(title, fontsize=10)
    axes.set_xlabel("points of accuracy lost")
    axes.spines[["top", "right"]].set_visible(False)


def _panels(
    count: int, height: float, labels: Sequence[str], sharex: bool = False
) -> tuple[Figure, NDArray[np.object_]]:
    """Panels in rows of four, with room for labels on the left and a title.

    Laid out by hand, since a layout engine takes as long as the drawing itself.

    Args:
        count: number of panels.
        height: height of a panel in inches.
        labels: labels of the vertical axis.
        sharex: whether all panels share the horizontal axis.
    """
    columns = min(4, count)
    rows = -(-count // columns)
    left, width, gap, head, foot = 0.2 + 0.075 * max(map(len, labels)), 2.3, 0.15, 0.75, 0.45
    size = (left + columns * (width + gap), head + rows * (height + foot) - 0.1)
    figure = Figure(figsize=size)
    edges = {"left": left / size[0], "right": 1 - gap / size[0], "top": 1 - head / size[1], "bottom": 0.3 / size[1]}
    grid = figure.subplots(
        rows, columns, squeeze=False, sharex=sharex, sharey=True,
        gridspec_kw={**edges, "wspace": gap / width, "hspace": foot / height},
    )  # fmt: skip
    for axes in grid.ravel()[count:]:
        axes.set_axis_off()
    return figure, grid


def distributions(
    values: NDArray[np.float32], names: Sequence[str], labels: NDArray[np.int64], classes: Sequence[str]
) -> Figure:
    """The training artworks' features by class, one panel per feature: quartiles, median, and 5 % to 95 %.

    Args:
        values: (n, D) features to show, D at most `MOST_SHOWN`.
        names: (D,) names of the features.
        labels: (n,) classes, 0 to K - 1.
        classes: (K,) names.
    """
    figure, grid = _panels(len(names), 0.2 + 0.22 * len(classes), classes)
    shown = np.unique(labels)
    colours = [_COLOURS[label % len(_COLOURS)] for label in shown]
    ends = np.stack([np.quantile(values[labels == label], (0.05, 0.25, 0.5, 0.75, 0.95), axis=0) for label in shown])
    for axes, (low, first, middle, third, high), name in zip(grid.ravel(), ends.T, names, strict=False):
        axes.hlines(shown, low, high, color="black", linewidth=0.8, zorder=0)
        axes.barh(shown, third - first, left=first, height=0.65, color=colours, edgecolor="black", linewidth=0.5)
        axes.vlines(middle, shown - 0.325, shown + 0.325, color="black", linewidth=1.5)
        axes.set_title(name, fontsize=9)
        axes.set_yticks(range(len(classes)), classes, fontsize=8)
        axes.tick_params(axis="x", labelsize=7)
        axes.locator_params(axis="x", nbins=3)
        axes.spines[["top", "right"]].set_visible(False)
    grid[0, 0].invert_yaxis()
    figure.suptitle("Features of the training artworks by class (box: the middle half; line: median)", fontsize=11)
    return figure


def coefficients(weights: Coefficients, names: Sequence[str], classes: Sequence[str]) -> Figure:
    """Weights of the logistic regression, one panel per class; grey if the interval contains zero.

    Args:
        weights: (K, D) weights of the features to show, D at most `MOST_SHOWN`.
        names: (D,) names of the features.
        classes: (K,) names.
    """
    figure, grid = _panels(len(classes), 0.24 * len(names), names, sharex=True)
    for index, (axes, name) in enumerate(zip(grid.ravel(), classes, strict=False)):
        value, low, high = weights.value[index], weights.low[index], weights.high[index]
        axes.axvline(0, color="black", linewidth=0.8)
        colours = np.where((low <= 0) & (high >= 0), GREY, np.where(value > 0, ORANGE, BLUE)).tolist()
        axes.hlines(range(len(names)), low, high, color=colours, linewidth=1.5)
        axes.scatter(value, range(len(names)), color=colours, s=16, zorder=2)
        axes.set_title(name, fontsize=10)
        axes.set_yticks(range(len(names)), names, fontsize=8)
        axes.tick_params(axis="x", labelsize=8)
        axes.locator_params(axis="x", nbins=4)
        axes.grid(axis="y", color="#eeeeee")
        axes.spines[["top", "right"]].set_visible(False)
    grid[0, 0].invert_yaxis()
    figure.suptitle(
        "The direction of features: log-odds of a class per standard deviation (logistic regression, 95 %)\n"
        "orange: a higher value supports the class; blue: a lower one does; grey: the interval contains zero.   "
        "palette: distance from it",
        fontsize=10,
    )
    return figure
