"""Figures of an explanation: class model visualisations, global and local cues, contributions of features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from emotionart.figures.heatmaps import AGAINST, FOR
from emotionart.figures.plots import BLUE, GREEN, GREY, ORANGE, Pictures, mosaic, open_axes

Array = NDArray[np.float64]

_COLUMNS = 4
_MOST_FEATURES = 20


def class_sheet(pictures: Pictures, names: Sequence[str], measures: Sequence[Mapping[str, float]]) -> Figure:
    """Class model visualisations (K, s, s, 3), each under its logit, probability and total variation."""
    captions = [
        f"{name}\nlogit {measure['logit']:.1f}  p {measure['probability']:.0%}  TV {measure['total_variation']:.3f}"
        for name, measure in zip(names, measures, strict=True)
    ]
    title = "What the network responds to most, by class"
    return mosaic(pictures, captions, min(_COLUMNS, len(pictures)), title, inches=2.6, lines=2)


def cue_figure(cues: Mapping[str, Any], classes: Sequence[str]) -> Figure:
    """Global or local: the accuracy on whole and combined pictures, and for one kind of cue, overall and by class.

    Args:
        cues: `n`, `chance` (accuracy of the majority baseline) and `kinds`: for each its `acc` and `by_class` (K,).
        classes: names of the K classes.
    """
    figure = Figure(figsize=(max(7.5, 1.7 * (len(classes) + 1) + 2), 4), layout="constrained")
    axes: Axes = figure.subplots()
    kinds = cues["kinds"]
    looks = {
        "whole": (GREY, "whole pictures"),
        "combined": (GREEN, "colours and shapes of two\npictures of one class"),
        "global": (BLUE, "colours, with other\npictures' shapes (global)"),
        "local": (ORANGE, "shapes, with other\npictures' colours (local)"),
    }
    width = 0.8 / len(kinds)
    for index, (name, scores) in enumerate(kinds.items()):
        values = [scores["acc"], *scores["by_class"]]
        heights = [np.nan if value is None else value for value in values]
        places = np.arange(len(values)) + (index - (len(kinds) - 1) / 2) * width
        colour, label = looks[name]
        axes.bar(places, heights, width * 0.9, color=colour, label=label)
    axes.axhline(cues["chance"], color="black", linewidth=1, linestyle="--", label="majority baseline")
    axes.set_xticks(range(len(classes) + 1), ["all", *classes])
    axes.set(ylim=(0, 1), ylabel=f"accuracy on {cues['n']} test artworks", title="Global or local?")
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    open_axes(axes)
    return figure


def contribution_figure(contributions: Array, names: Sequence[str], classes: Sequence[str]) -> Figure:
    """Mean contributions of the most important features to each class's logit.

    Args:
        contributions: (n, K, D) contributions.
        names: (D,) names of the features.
        classes: (K,) names of the classes.
    """
    order = np.argsort(np.abs(contributions).mean(axis=(0, 1)))[-_MOST_FEATURES:]
    figure = Figure(figsize=(2.2 * len(classes) + 2.5, 0.26 * len(order) + 1.4), layout="constrained")
    panels = figure.subplots(1, len(classes), sharey=True, sharex=True, squeeze=False)[0]
    for k, axes in enumerate(panels):
        values = contributions[:, k][:, order]
        axes.barh(range(len(order)), np.maximum(values, 0).mean(axis=0), color=FOR, label="for")
        axes.barh(range(len(order)), np.minimum(values, 0).mean(axis=0), color=AGAINST, label="against")
        axes.axvline(0, color="black", linewidth=0.8)
        axes.set_yticks(range(len(order)), [names[feature] for feature in order], fontsize=8)
        axes.set_title(classes[k], fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
    panels[-1].legend(frameon=False, fontsize=8)
    figure.supxlabel("mean contribution to the logit, for and against", fontsize=9)
    return figure
