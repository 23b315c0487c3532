"""The figure of the maps' faithfulness and sanity checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from emotionart.figures.plots import BLUE, GREEN, GREY, ORANGE, open_axes

Array = NDArray[np.float64]

_LINES = {"random": "--", "smoothed noise": ":", "centre": "-.", "mean": (0, (5, 1)), "another's": (0, (3, 1, 1, 1))}


def faithfulness_figure(curves: Mapping[str, Mapping[str, Array]], share: Array, measured: Mapping[str, Any]) -> Figure:
    """Deletion and insertion curves, effect sizes against each rival, and similarity of maps under randomised layers.

    Args:
        curves: mean "deletion" and "insertion" curves (T,) of "map" and of each rival.
        share: (T,) fraction of the cells that are removed.
        measured: measurements `faithful`, `randomisation` and `stability`.
    """
    figure = Figure(figsize=(15, 4.2), layout="constrained")
    deletion, insertion, effects, random = figure.subplots(1, 4)
    _draw_curves(deletion, curves["deletion"], share, "Deletion: blur the highest regions first\n(lower is better)")
    _draw_curves(
        insertion, curves["insertion"], share, "Insertion: restore the highest regions first\n(higher is better)"
    )
    deletion.legend(frameon=False, fontsize=7)
    _draw_effects(effects, measured["faithful"])
    _draw_randomisation(random, measured)
    return figure


def _draw_curves(axes: Axes, curves: Mapping[str, Array], share: Array, title: str) -> None:
    for name, curve in curves.items():
        colour, line = (ORANGE, "-") if name == "map" else (GREEN, ":") if name == "edges" else (GREY, _LINES[name])
        label = "this map" if name == "map" else name
        axes.plot(share, curve, color=colour, linestyle=line, linewidth=2 if name == "map" else 1, label=label)
    axes.set(xlabel="share of the picture that is changed", ylabel="mean probability of the class")
    axes.set_title(title, fontsize=10)
    axes.set_ylim(0, min(1, 1.25 * max(curve.max() for curve in curves.values())))
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.yaxis.set_major_formatter("{x:.0%}")
    open_axes(axes)


def _draw_effects(axes: Axes, faithful: Mapping[str, Any]) -> None:
    rivals = [name for name in faithful["blur"] if name != "area"]
    for removal, colour, marker, label in (
        ("blur", ORANGE, "o", "regions blurred"),
        ("road", BLUE, "s", "imputed (ROAD)"),
    ):
        effect = [faithful[removal][name]["effect"] for name in rivals]
        axes.plot(effect, range(len(rivals)), color=colour, marker=marker, linestyle="", label=label)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(range(len(rivals)), rivals, fontsize=8)
    axes.set_title("By how much does it beat its rivals?\n(right is better)", fontsize=10)
    axes.set(xlabel="effect size of insertion minus deletion")
    axes.legend(frameon=False, fontsize=8)
    open_axes(axes)


def _draw_randomisation(axes: Axes, measured: Mapping[str, Any]) -> None:
    stages = measured["randomisation"]
    places = range(len(stages))
    alike = [stage["similarity"] for stage in stages]
    axes.plot(places, alike, color=ORANGE, marker="o", label="random weights from the top")
    axes.axhline(measured["stability"], color=GREY, linestyle="--", label="same weights, noise in the picture")
    axes.set_xticks(places, [stage["layer"] for stage in stages], rotation=45, ha="right", fontsize=7)
    axes.set_title("Does the map change with the weights?\n(lower is better)", fontsize=10)
    axes.set(ylim=(0, 1.05), xlabel="lowest layer whose weights are random", ylabel="|rank correlation| with the map")
    axes.legend(frameon=False, fontsize=8)
    open_axes(axes)
