"""The figure of a table: seeds as points, mean, interval, majority baseline and upper bound."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from emotionart.figures.plots import BLUE, GREEN, GREY, NARROW, ORANGE

_NARROW_TEXT = 50  # characters in a line of a narrow figure


@dataclass(frozen=True)
class Dots:
    """A line of the figure.

    Attributes:
        name: label on the left.
        values: accuracies over seeds, 0 to 1; empty if missing.
        interval: interval of their mean, or None.
        note: text on the right.
        baseline: whether it is drawn as a baseline.
    """

    name: str
    values: Sequence[float]
    interval: tuple[float, float] | None
    note: str
    baseline: bool


def dots(
    lines: Sequence[Dots],
    *,
    majority: float | None,
    ceiling: float | None,
    footnotes: Sequence[str] = (),
    narrow: bool = False,
) -> Figure:
    """The test accuracies of a table, one line per row.

    Args:
        lines: lines from top to bottom.
        majority: accuracy of the majority baseline, if all lines share it.
        ceiling: upper bound of the expected accuracy of any model, if known.
        footnotes: what marks in names and notes mean, a line each.
        narrow: whether names stand above their lines, for a phone.
    """
    if narrow:
        footnotes = [part for note in footnotes for part in textwrap.wrap(note, _NARROW_TEXT)]
    size = (NARROW, 1.3 + 0.55 * len(lines)) if narrow else (9, 1.3 + 0.38 * len(lines))
    figure = Figure(figsize=(size[0], size[1] + 0.2 * len(footnotes)), layout="constrained")
    axes = figure.subplots()
    for index, line in enumerate(lines):
        colour = ORANGE if line.baseline else BLUE
        if not line.values:
            axes.text(0.01, index, "missing", color=GREY, va="center", transform=axes.get_yaxis_transform())
            continue
        if line.interval:
            axes.plot(line.interval, (index, index), color=colour, linewidth=5, alpha=0.3, solid_capstyle="butt")
        axes.plot(line.values, [index] * len(line.values), "o", color=colour, markersize=4, alpha=0.6)
        axes.plot(sum(line.values) / len(line.values), index, "|", color=colour, markersize=14, markeredgewidth=2)
        axes.text(1.01, index, line.note, va="center", transform=axes.get_yaxis_transform(), fontsize=9)
    for value, colour, name in ((majority, GREY, "majority"), (ceiling, GREEN, "ceiling")):
        if value is not None:
            axes.axvline(value, color=colour, linestyle="--", linewidth=1)
            axes.annotate(f"{name} {value:.0%}", (value, 1), (0, 3), xycoords=("data", "axes fraction"),
                          textcoords="offset points", ha="center", color=colour, fontsize=8)  # fmt: skip
    if narrow:
        for index, line in enumerate(lines):
            name = textwrap.shorten(line.name, _NARROW_TEXT, placeholder=" …")
            above = axes.text(0, index - 0.25, name, va="bottom", transform=axes.get_yaxis_transform(), fontsize=9)
            above.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})
    axes.set_yticks([] if narrow else range(len(lines)), [] if narrow else [line.name for line in lines])
    axes.set(ylim=(len(lines) - 0.5, -0.5), xlabel="test accuracy: seeds, mean, 95 % interval")
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    if footnotes:
        figure.supxlabel("\n".join(footnotes), x=0.01, ha="left", fontsize=8, color=GREY)
    return figure
