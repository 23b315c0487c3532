"""Figures of a picture before and after recolouring, and in all palettes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from emotionart.features.colour import LANDMARKS
from emotionart.figures.plots import GREY, ORANGE, open_axes

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Reading:
    """Measurements of a picture before and after recolouring.

    Attributes:
        title: what is measured.
        names: (D,) names of the values.
        before, after: (D,) values.
    """

    title: str
    names: Sequence[str]
    before: NDArray[np.floating]
    after: NDArray[np.floating]


def compare(before: Picture, after: Picture, palette: str, readings: Sequence[Reading]) -> Figure:
    """Both pictures side by side with the palette between them, and their measurements below.

    Args:
        before, after: (h, w, 3) pictures of one size.
        palette: name of the palette.
        readings: measurements, one panel each.
    """
    rows = max(len(reading.names) for reading in readings)
    figure = Figure(figsize=(10, 5.2 + 0.24 * rows), layout="constrained")
    above, below = np.asarray(figure.subfigures(2, 1, height_ratios=(4.7, 0.5 + 0.24 * rows))).tolist()
    left, middle, right = above.subplots(1, 3, width_ratios=(1, 0.18, 1))
    for axes, picture, title in ((left, before, "before"), (right, after, f"after: {palette}")):
        axes.imshow(picture)
        axes.set_title(title, fontsize=11)
        axes.set_axis_off()
    _draw_swatches(middle, palette, upright=True)
    for axes, reading in zip(below.subplots(1, len(readings), squeeze=False)[0], readings, strict=True):
        _draw_reading(axes, reading)
    return figure


def strip(before: Picture, recoloured: Mapping[str, Picture]) -> Figure:
    """The picture and its recoloured versions in a row, each above its palette."""
    shape = before.shape
    width = 1.45
    figure = Figure(figsize=((1 + len(recoloured)) * width, width * shape[0] / shape[1] + 0.75), layout="constrained")
    pictures, swatches = figure.subplots(2, 1 + len(recoloured), height_ratios=(width * shape[0] / shape[1], 0.25))
    for index, (name, picture) in enumerate({"before": before, **recoloured}.items()):
        pictures[index].imshow(picture)
        pictures[index].set_title(name, fontsize=11)
        pictures[index].set_axis_off()
        if name in LANDMARKS:
            _draw_swatches(swatches[index], name, upright=False)
        else:
            swatches[index].set_axis_off()
    return figure


def _draw_swatches(axes: Axes, palette: str, *, upright: bool) -> None:
    for index, colour in enumerate(LANDMARKS[palette]):
        corner = (0, 4 - index) if upright else (index, 0)
        axes.add_patch(Rectangle(corner, 1, 1, facecolor=f"#{colour}", edgecolor="#bbbbbb", linewidth=0.5))
    axes.set(xlim=(0, 1 if upright else 5), ylim=(0, 5 if upright else 1))
    axes.set_axis_off()


def _draw_reading(axes: Axes, reading: Reading) -> None:
    """Draws one line per value, with a grey dot before and an orange dot after."""
    lines = np.arange(len(reading.names))
    axes.hlines(lines, reading.before, reading.after, color=GREY, linewidth=1)
    axes.scatter(reading.before, lines, color=GREY, s=22, zorder=2, label="before")
    axes.scatter(reading.after, lines, color=ORANGE, s=22, zorder=2, label="after")
    axes.set_yticks(lines, reading.names, fontsize=8)
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.grid(axis="y", color="#eeeeee")
    axes.tick_params(axis="x", labelsize=8)
    axes.set_title(reading.title, fontsize=9)
    axes.legend(frameon=False, fontsize=8)
    open_axes(axes)
