"""The figure of learning curves: accuracy against the number of training artworks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from emotionart.figures.plots import BLUE, GREEN, GREY, NARROW, ORANGE

_COLOURS = (BLUE, ORANGE, GREEN, GREY, "#CC79A7", "#E69F00")
_FURTHER = 1.6  # a fitted curve is drawn up to this multiple of the largest count


@dataclass(frozen=True)
class Curve:
    """A learning curve of the figure.

    Attributes:
        name: name in the legend.
        counts: numbers of training artworks.
        draws: accuracies at each count, 0 to 1.
        fitted: function from counts to fitted accuracies; None for no fit.
    """

    name: str
    counts: Sequence[int]
    draws: Sequence[Sequence[float]]
    fitted: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None


def learning_curves(curves: Sequence[Curve], *, narrow: bool = False) -> Figure:
    """Mean and standard deviation over draws, and the fitted curve, dashed where it extrapolates.

    Args:
        curves: the curves.
        narrow: whether it is for a phone.
    """
    figure = Figure(figsize=(NARROW, 4) if narrow else (7.5, 4.5), layout="constrained")
    axes = figure.subplots()
    for colour, curve in zip(cycle(_COLOURS), curves, strict=False):
        means = [float(np.mean(draws)) for draws in curve.draws]
        spread = [float(np.std(draws, ddof=1)) if len(draws) > 1 else 0.0 for draws in curve.draws]
        style = "o" if curve.fitted else "o-"
        axes.errorbar(curve.counts, means, spread, fmt=style, color=colour, capsize=3, markersize=5, label=curve.name)
        if curve.fitted:
            first, last = curve.counts[0], curve.counts[-1]
            for line, start, end in (("-", first, last), ("--", last, _FURTHER * last)):
                counts = np.geomspace(start, end, 100)
                axes.plot(counts, curve.fitted(counts), line, color=colour, linewidth=1.2)
    axes.set_xscale("log")
    ticks = sorted({count for curve in curves for count in curve.counts})
    axes.set_xticks(ticks, [f"{count:,}" for count in ticks])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.set(xlabel="artworks to learn from", ylabel="test accuracy: mean ± standard deviation over runs")
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8 if narrow else None)
    return figure
