"""Signed maps as pictures: here, and only here, they are scaled, coloured and laid over artworks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

from emotionart.features.hue import LUMA_WEIGHTS
from emotionart.figures.plots import BLUE, GREEN, GREY, ORANGE, Pictures, mosaic, open_axes

Array = NDArray[np.float64]

FOR, AGAINST = ORANGE, BLUE
"""Colours of what speaks for a class and against it; the colour-blind can tell them apart."""

_OPAQUE = 0.85
_COLUMNS = 4


def overlay(picture: NDArray[np.uint8], map: NDArray[np.floating[Any]], scale: float) -> NDArray[np.uint8]:
    """A grey picture under a map: orange speaks for the class, blue against it, grey is 0.

    Args:
        picture: (s, s, 3).
        map: (h, w) signed.
        scale: value at which a colour is full: one for all maps of a picture, so that they can be compared.
    """
    side = picture.shape[0]
    fine = cv2.resize(map.astype(np.float32), (side, side), interpolation=cv2.INTER_LINEAR)
    strength = np.clip(fine / scale, -1, 1) if scale > 0 else np.zeros_like(fine)
    luma = picture @ np.array(LUMA_WEIGHTS)
    colour = np.where(strength[..., None] > 0, to_rgb(FOR), to_rgb(AGAINST)) * 255
    opaque = _OPAQUE * np.abs(strength)[..., None]
    mixed: NDArray[np.uint8] = ((1 - opaque) * luma[..., None] + opaque * colour).round().astype(np.uint8)
    return mixed


def scales(maps: NDArray[np.floating[Any]]) -> Array:
    """The largest magnitude in all maps of a picture: (n, T, h, w) gives (n,)."""
    largest: Array = np.abs(maps).max(axis=(1, 2, 3)).astype(np.float64)
    return largest


def sheet(rows: Sequence[tuple[Pictures, Sequence[str]]], title: str) -> Figure:
    """Artworks, each beside its maps, two in a row.

    Args:
        rows: for each artwork its pictures (m, s, s, 3), the original first, and a caption for each.
        title: of the sheet.
    """
    pictures = np.concatenate([cells for cells, _ in rows])
    captions = [caption for _, texts in rows for caption in texts]
    columns = len(rows[0][0]) * (2 if len(rows) > 1 else 1)
    return mosaic(pictures, captions, columns, title, inches=2.1, lines=2)


def class_sheet(pictures: Pictures, names: Sequence[str], measures: Sequence[Mapping[str, float]]) -> Figure:
    """Class pictures (K, s, s, 3), each under its logit, probability and total variation."""
    captions = [
        f"{name}\nlogit {found['logit']:.1f}  p {found['probability']:.0%}  TV {found['total_variation']:.3f}"
        for name, found in zip(names, measures, strict=True)
    ]
    title = "What the network takes most for each class"
    return mosaic(pictures, captions, min(_COLUMNS, len(pictures)), title, inches=2.6, lines=2)


def trust_figure(curves: Mapping[str, Mapping[str, Array]], share: Array, trust: Mapping[str, Any]) -> Figure:
    """Deletion and insertion curves, and how alike the maps stay as layers become random.

    Args:
        curves: mean curves "deletion" and "insertion" (T,) of "map", "random" and "edges".
        share: (T,) of the places that have been changed.
        trust: with `randomisation`, `stability` and `verdict`.
    """
    figure = Figure(figsize=(12, 4.2), layout="constrained")
    deletion, insertion, random = figure.subplots(1, 3)
    looks = {"map": (FOR, "-", "this map"), "random": (GREY, "--", "random map"), "edges": (GREEN, ":", "edges")}
    for axes, name, title in (
        (deletion, "deletion", "Deletion: blur the highest places first\n(lower is better)"),
        (insertion, "insertion", "Insertion: restore the highest places first\n(higher is better)"),
    ):
        for kind, (colour, line, label) in looks.items():
            axes.plot(share, curves[name][kind], color=colour, linestyle=line, label=label)
        axes.set(xlabel="share of the picture that is changed", ylabel="mean probability of the class")
        axes.set_title(title, fontsize=10)
        axes.set_ylim(0, min(1, 1.25 * max(curve.max() for curve in curves[name].values())))
        axes.xaxis.set_major_formatter("{x:.0%}")
        axes.yaxis.set_major_formatter("{x:.0%}")
        axes.legend(frameon=False, fontsize=8)
        open_axes(axes)
    stages = trust["randomisation"]
    places = range(len(stages))
    random.plot(
        places, [stage["similarity"] for stage in stages], color=FOR, marker="o", label="random weights from the top"
    )
    random.axhline(trust["stability"], color=GREY, linestyle="--", label="same weights, noise in the picture")
    random.set_xticks(places, [stage["layer"] for stage in stages], rotation=45, ha="right", fontsize=7)
    random.set_title("Does the map change with the weights?\n(lower is better)", fontsize=10)
    random.set(ylim=(0, 1.05), xlabel="lowest layer whose weights are random", ylabel="|rank correlation| with the map")
    random.legend(frameon=False, fontsize=8)
    open_axes(random)
    return figure


def cue_figure(reductions: Mapping[str, Any], classes: Sequence[str]) -> Figure:
    """The question "global or local?": the accuracy on whole and on reduced pictures, class by class.

    Args:
        reductions: `chance` (share of the largest class) and `kinds`: for each its cues, `acc` and `by_class` (K,).
        classes: names of the K classes.
    """
    figure = Figure(figsize=(max(7.5, 1.7 * (len(classes) + 1) + 2), 4), layout="constrained")
    axes: Axes = figure.subplots()
    kinds = reductions["kinds"]
    looks = {"whole": (GREY, ""), "global": (BLUE, ""), "local": (ORANGE, "")}
    hatches = {"shuffled": "//", "texture": "//"}
    width = 0.8 / len(kinds)
    for place, (name, found) in enumerate(kinds.items()):
        values = [found["acc"], *found["by_class"]]
        label = name if found["keeps"] == "whole" else f"{name} (keeps {found['keeps']} cues)"
        heights = [np.nan if value is None else value for value in values]
        axes.bar(
            np.arange(len(values)) + (place - (len(kinds) - 1) / 2) * width,
            heights,
            width * 0.9,
            color=looks[found["keeps"]][0],
            hatch=hatches.get(name),
            edgecolor="white",
            label=label,
        )
    axes.axhline(reductions["chance"], color="black", linewidth=1, linestyle="--", label="always the largest class")
    axes.set_xticks(range(len(classes) + 1), ["all", *classes])
    axes.set(ylim=(0, 1), ylabel=f"accuracy on {reductions['n']} test artworks", title="Global or local?")
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    open_axes(axes)
    return figure


def contribution_figure(contributions: Array, names: Sequence[str], classes: Sequence[str]) -> Figure:
    """How much each feature moves each class's logit, on average over artworks.

    Args:
        contributions: (n, K, D).
        names: (D,) of the features.
        classes: (K,).
    """
    order = np.argsort(np.abs(contributions).mean(axis=(0, 1)))[-20:]
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
