"""Tools for figures: colours, panels, contact sheets, PNG files; matplotlib is used without global state."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray

from emotionart.files import atomic_write

# Okabe and Ito's colours, which the colour-blind can tell apart.
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#777777"

NARROW = 4.0
"""Width in inches of a figure for a phone, on which its text is as large as the page's small print."""

Pictures = NDArray[np.uint8]


def save(figure: Figure, path: Path) -> None:
    """Writes a PNG atomically; the same figure gives the same bytes."""
    with atomic_write(path) as partial:
        write_png(figure, partial, dpi=130)


def write_png(figure: Figure, file: Path | BinaryIO, dpi: int) -> None:
    """Writes a PNG with all text literal: matplotlib would typeset text between dollar signs as mathematics."""
    for text in figure.findobj(Text):
        text.set_parse_math(False)
    figure.savefig(file, format="png", dpi=dpi, metadata={"Software": None})


def panels(count: int, width: float, height: float, *, stacked: bool) -> tuple[Figure, list[Axes]]:
    """A figure of panels side by side, or one below the other for a phone.

    Args:
        count: number of panels.
        width, height: size of the figure side by side, in inches.
        stacked: whether they are one below the other.
    """
    figure = Figure(figsize=(NARROW, 0.9 * height * count) if stacked else (width, height), layout="constrained")
    rows, columns = (count, 1) if stacked else (1, count)
    return figure, list(figure.subplots(rows, columns, squeeze=False).flat)


def sheet(pictures: Pictures, captions: Sequence[str], title: str) -> Figure:
    """A contact sheet.

    Args:
        pictures: (m, s, s, 3), at least one.
        captions: (m,) captions of at most three lines.
        title: title of the sheet.
    """
    return mosaic(pictures, captions, min(6, len(pictures)), title, inches=1.9, lines=3)


def mosaic(
    pictures: Pictures,
    captions: Sequence[str],
    columns: int,
    title: str,
    *,
    inches: float,
    lines: int,
    aspects: Sequence[float] | None = None,
) -> Figure:
    """Pictures (m, s, s, 3) in rows, each below its caption of at most `lines` lines, as one image on one axes.

    Separate axes for each picture would take thirty times as long to draw.

    Args:
        pictures: (m, s, s, 3).
        captions: (m,) captions.
        columns: pictures in a row.
        title: title of the figure.
        inches: side of a cell.
        lines: most lines of a caption.
        aspects: (m,) width by height to draw each picture at; None: square.
    """
    rows, side = -(-len(pictures) // columns), pictures.shape[1]
    gap, head = side * 0.06, side * (0.04 + 0.155 * lines / inches)
    figure = Figure(figsize=(inches * columns * (1 + gap / side), inches * rows * (1 + head / side) + 0.4))
    axes = figure.add_axes((0, 0, 1, 1 - 0.4 / figure.get_figheight()))
    axes.set_axis_off()
    for index, (picture, caption, aspect) in enumerate(
        zip(pictures, captions, aspects or [1.0] * len(pictures), strict=True)
    ):
        left, top = (index % columns) * (side + gap), (index // columns) * (side + head) + head
        width, height = side * min(1, aspect), side * min(1, 1 / aspect)
        start = left + (side - width) / 2
        axes.imshow(picture, extent=(start, start + width, top + height, top))
        axes.text(left + side / 2, top - 0.02 * side, caption, ha="center", va="bottom", fontsize=8)
    axes.set(xlim=(-gap / 2, columns * (side + gap) - gap / 2), ylim=(rows * (side + head), 0))
    figure.suptitle(title, fontsize=10, y=1 - 0.1 / figure.get_figheight(), va="top")
    return figure


def open_axes(axes: Axes) -> None:
    """Removes the top and right spines and adds faint horizontal grid lines."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
