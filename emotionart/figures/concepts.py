"""The figure of concepts: their effect on each class, compared with that of random folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from emotionart.figures.plots import BLUE, GREY, ORANGE, open_axes


@dataclass(frozen=True)
class Push:
    """The effect of a concept on a class.

    Attributes:
        class_name: name of the class.
        value: mean derivative as a z-score among random folders.
        low, high: range that holds 95 % of random folders.
        clear: whether the effect is significant.
    """

    class_name: str
    value: float
    low: float
    high: float
    clear: bool


def pushes(concepts: Sequence[tuple[str, Sequence[Push]]]) -> Figure:
    """A panel for each concept: a bar for each class, over the range of random folders.

    Args:
        concepts: name of each concept, and its effect on each class.
    """
    heights = [len(classes) + 1.6 for _, classes in concepts]
    figure = Figure(figsize=(7.2, 0.3 * sum(heights) + 0.5), layout="constrained")
    panels = figure.subplots(len(concepts), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for axes, (name, classes) in zip(panels, concepts, strict=True):
        axes.use_sticky_edges = False  # or the widest grey bar would be cut
        for index, one in enumerate(classes):
            colour = (BLUE if one.value > 0 else ORANGE) if one.clear else GREY
            axes.barh(index, one.high - one.low, left=one.low, height=0.86, color="#e4e4e4")
            axes.barh(index, one.value, height=0.42, color=colour)
        axes.axvline(0, color="black", linewidth=0.8)
        axes.set_yticks(range(len(classes)), [one.class_name for one in classes])
        axes.invert_yaxis()
        axes.set_title(name, loc="left", fontsize=10)
        axes.set_axisbelow(True)
        open_axes(axes)
    panels[-1].set_xlabel(
        "away from the class (left), towards it (right); standard deviations of random folders (grey)"
    )
    return figure
