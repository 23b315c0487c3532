"""One picture's 13 features as a figure for painters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from skimage.color import lab2rgb

from emotionart.features.brightness import hsp_brightness
from emotionart.features.colour import LANDMARKS, Palette, landmark, palette_distances
from emotionart.features.picture import ReducedPicture
from emotionart.features.texture import (
    HARD_SOFT,
    band_statistics,
    compare_statistics,
    map_statistics,
    normalise,
    similarities,
    texture_map,
)
from emotionart.figures.plots import BLUE, GREEN, GREY, ORANGE

_MAP_WORDS = {
    "ripple": "ripple: soft, flowing",
    "blot": "blot: patches, washes",
    "grain": "grain: canvas, impasto",
    "stripe": "stripe: hard, regular",
}
# Mean and standard deviation of the similarity over 369 painted portraits of four centuries. All but one, and 16 other
# paintings, are most similar to "blot" in absolute terms, so that only the comparison with other paintings is useful.
_USUAL = {"ripple": (0.870, 0.020), "blot": (0.970, 0.012), "grain": (0.828, 0.019), "stripe": (0.880, 0.019)}
_MAP_COLOURS = dict(zip(HARD_SOFT, (GREEN, ORANGE, "#CC79A7", BLUE), strict=True))
_BAND_WORDS = ("fine\ndetail", "upright\nedges", "flat\nedges", "rising\nedges", "falling\nedges")
_LEVEL_WORDS = ("small marks", "middle marks (2 x)", "large marks (4 x)")
_GREYS = {0.0: "black", 0.25: "dark grey", 0.5: "middle grey", 0.75: "light grey", 1.0: "white"}


def explain(picture: NDArray[np.uint8], title: str) -> Figure:
    """The picture, its five colours, its brightness, the nearest landmark palettes, and its texture beside the maps.

    Args:
        picture: (h, w, 3) uint8, sRGB.
        title: name of the picture.
    """
    reduced = ReducedPicture(picture)
    figure = Figure(figsize=(11, 13.5), layout="constrained")
    rows = figure.subfigures(4, 1, height_ratios=(3.9, 3.6, 3.0, 3.0))
    top, middle, bottom, last = np.asarray(rows).tolist()
    figure.suptitle(f"What the 13 numbers of CV-FC see in {title}", fontsize=13)

    left, right = np.asarray(top.subfigures(1, 2, width_ratios=(1, 1.5))).tolist()
    axes = left.subplots()
    axes.imshow(picture)
    axes.set_axis_off()
    colours, brightness = right.subplots(2, 1, height_ratios=(1.2, 1))
    _draw_palette(colours, reduced.palette)
    _draw_brightness(brightness, hsp_brightness(reduced.fine))
    _draw_landmarks(middle.subplots(1, 2, sharey=True, width_ratios=(1, 1.5)), reduced.palette)
    _draw_maps(bottom.subplots(1, 1 + len(HARD_SOFT)), reduced.luma)
    _draw_bands(last.subplots(), reduced.luma)
    return figure


def _draw_palette(axes: Axes, palette: Palette) -> None:
    rgb = np.clip(lab2rgb(palette.lab), 0, 1)
    left = 0.0
    for colour, share, (lightness, *_) in zip(rgb, palette.weights, palette.lab, strict=True):
        axes.add_patch(Rectangle((left, 0), share, 1, facecolor=colour))
        if share > 0.05:
            ink = "black" if lightness > 55 else "white"
            axes.text(left + share / 2, 0.5, f"{share:.0%}", ha="center", va="center", color=ink, fontsize=10)
        left += share
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_title("Colour: its five main colours, each as wide as its share", fontsize=10, loc="left")
    axes.set_axis_off()


def _draw_brightness(axes: Axes, brightness: float) -> None:
    axes.imshow(np.linspace(0, 1, 256)[None], cmap="gray", vmin=0, vmax=1, extent=(0, 1, 0, 1), aspect="auto")
    axes.axvline(brightness, color=ORANGE, linewidth=3)
    axes.plot([brightness], [1.08], marker="v", color=ORANGE, markersize=10, clip_on=False)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_xticks(list(_GREYS), [f"{value:g}\n{name}" for value, name in _GREYS.items()], fontsize=8)
    axes.set_yticks([])
    axes.set_title(f"Brightness {brightness:.2f}: as bright, on average, as this grey\n", fontsize=10, loc="left")


def _draw_landmarks(pair: Sequence[Axes], palette: Palette) -> None:
    swatches, bars = pair
    names = list(LANDMARKS)
    distances = palette_distances(palette, np.stack([landmark(name) for name in names]))
    order = np.argsort(distances, kind="stable")
    for row, index in enumerate(order):
        for column, colour in enumerate(LANDMARKS[names[index]]):
            swatches.add_patch(
                Rectangle((column, row - 0.4), 1, 0.8, facecolor=f"#{colour}", edgecolor="#bbbbbb", linewidth=0.5)
            )
        bars.text(distances[index] + 0.004, row, f"{distances[index]:.2f}", va="center", fontsize=9)
    bars.barh(range(len(names)), distances[order], color=[BLUE, *[GREY] * (len(names) - 1)], height=0.6)
    swatches.set(xlim=(-0.02, 5.02), ylim=(len(names) - 0.4, -0.6))
    swatches.set_yticks(range(len(names)), [names[index] for index in order], fontsize=10)
    swatches.set_xticks([])
    swatches.spines[:].set_visible(False)
    swatches.set_title(
        "Landmark palettes, the nearest first\n(the palettes' names, not the picture's mood)", fontsize=10, loc="left"
    )
    bars.set(xlim=(0, distances.max() * 1.15))
    bars.set_title("How far the picture's colours are from them\n", fontsize=10, loc="left")
    bars.set_xlabel("0: the same colours; 0.02: the eye hardly tells them apart", fontsize=9)
    bars.spines[["top", "right"]].set_visible(False)
    bars.tick_params(axis="y", length=0, labelleft=False)


def _draw_maps(row: Sequence[Axes], luma: NDArray[np.float32]) -> None:
    alike = similarities(luma)
    shown = {"the picture as it is compared:\ngrey, at one contrast": normalise(luma)}
    shown |= {
        f"{_MAP_WORDS[name]}\nlikeness {value:.2f} (usual {_USUAL[name][0]:.2f} ± {_USUAL[name][1]:.2f})": texture_map(
            name
        )
        for name, value in zip(HARD_SOFT, alike, strict=True)
    }
    for index, (axes, (words, values)) in enumerate(zip(row, shown.items(), strict=True)):
        axes.imshow(values, cmap="gray", vmin=0, vmax=1)
        axes.set_xticks([])
        axes.set_yticks([])
        outstanding = index == 1 + list(HARD_SOFT).index(_stands_out(alike))
        axes.set_title(words, fontsize=8.5, fontweight="bold" if outstanding else "normal")
        axes.spines[:].set(color=ORANGE if outstanding else "white", linewidth=4 if outstanding else 0)
    row[0].figure.suptitle(
        "Texture: how like four maps its marks are, from soft to hard (1: the same)\n"
        "framed: what it has more of, compared with other paintings",
        fontsize=10,
    )


def _stands_out(alike: NDArray[np.float64]) -> str:
    """The map whose similarity is the most standard deviations above the mean of `_USUAL`."""
    mean, deviation = np.array([_USUAL[name] for name in HARD_SOFT]).T
    return list(HARD_SOFT)[int(((alike - mean) / deviation).argmax())]


def _draw_bands(axes: Axes, luma: NDArray[np.float32]) -> None:
    outstanding = _stands_out(similarities(luma))
    own = band_statistics(normalise(luma))
    # Each map in the orientation that is most similar to the picture, as in the comparison.
    maps = [turned[compare_statistics(own, turned).argmax()] for turned in map_statistics()]
    indices = np.arange(len(_LEVEL_WORDS))[:, None] * (len(_BAND_WORDS) + 1) + np.arange(len(_BAND_WORDS))
    for level, places_of_level in enumerate(indices):
        for (name, colour), statistics in zip(_MAP_COLOURS.items(), maps, strict=True):
            best = name == outstanding
            strength = statistics[:, 0].reshape(indices.shape)[level]
            axes.plot(
                places_of_level,
                strength,
                color=colour,
                linestyle="-" if best else ":",
                linewidth=2.5 if best else 1,
                marker=".",
                label=name if level == 0 else None,
            )
        label = "the picture" if level == 0 else None
        axes.bar(
            places_of_level, own[:, 0].reshape(indices.shape)[level], width=0.7, color="#bbbbbb", label=label, zorder=0
        )
        axes.text(places_of_level.mean(), 1.02, _LEVEL_WORDS[level], ha="center", transform=axes.get_xaxis_transform())
    axes.set_xticks(indices.ravel(), _BAND_WORDS * len(indices), fontsize=7)
    axes.set(ylabel="strength")
    axes.set_title("What the likeness compares: how strong marks of each size and direction are\n", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8, ncols=5, loc="upper right")
