"""Sizes, brightness and colours of a data set's pictures, for the report."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.color import lab2rgb
from sklearn.cluster import KMeans

from emotionart.data.survey.colours import Colours
from emotionart.data.survey.survey import Survey
from emotionart.statistics.metrics import mean_with_interval

_SWATCHES = 8
_MOST = 3_000  # maximum number of pictures from which a class's palette is computed


def histogram(counts: NDArray[np.integer], edges: NDArray[np.floating], form: str) -> list[dict[str, Any]]:
    """Bins for the page: height relative to the highest bin, count, and range as text."""
    highest = max(int(counts.max(initial=0)), 1)
    return [
        {"height": count / highest, "count": count, "from": form.format(low), "to": form.format(high)}
        for count, low, high in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]


def sizes(survey: Survey, bins: int) -> dict[str, Any] | None:
    """Widths, heights and shapes of the readable pictures; None if there are none."""
    size = survey.size[survey.reason == ""]
    if not len(size):
        return None
    longer = size.max(axis=1)
    low, high = longer.min(), longer.max()
    # Whole numbers, without repetitions: of few different sizes, each has its own bin.
    counts, edges = np.histogram(longer, bins=np.unique(np.rint(np.geomspace(low, high + 1, bins + 1))))
    aspect = size[:, 0] / size[:, 1]
    shapes = (("upright", aspect < 0.95), ("square", (aspect >= 0.95) & (aspect <= 1.05)), ("wide", aspect > 1.05))
    return {
        "longer": histogram(counts, edges, "{:.0f}") if low < high else [],
        "quantiles": [
            (name, *(int(value) for value in np.quantile(size, q, axis=0)))
            for name, q in (("smallest", 0), ("5 %", 0.05), ("half", 0.5), ("95 %", 0.95), ("largest", 1))
        ],
        "shapes": [(name, int(mask.sum()), float(mask.mean())) for name, mask in shapes],
    }


def class_colours(
    colours: Colours, readable: NDArray[np.bool_], classes: tuple[str, ...], label: NDArray[np.int64]
) -> list[dict[str, Any]]:
    """Mean brightness with its interval, and palette, of each class with pictures."""
    entries = []
    for index, name in enumerate(classes):
        members = np.flatnonzero(readable & (label == index))
        if len(members):
            entries.append(
                {
                    "name": name,
                    "count": len(members),
                    "brightness": mean_with_interval(colours.brightness[members], np.arange(len(members))),
                    "palette": _palette(colours.palette[members[:: max(1, len(members) // _MOST)]]),
                }
            )
    return entries


def _palette(palettes: NDArray[np.float32]) -> list[tuple[str, float]]:
    """The representative colours of many palettes (m, 5, 4), from dark to light: #RRGGBB and share of each."""
    colours = palettes.reshape(-1, 4)
    colours = colours[colours[:, 3] > 0]
    number = min(_SWATCHES, len(np.unique(colours[:, :3], axis=0)))
    fitted = KMeans(number, n_init=2, random_state=0).fit(colours[:, :3], sample_weight=colours[:, 3])
    weight = np.bincount(fitted.labels_, colours[:, 3], minlength=number)
    order = np.argsort(fitted.cluster_centers_[:, 0])
    rgb = np.rint(lab2rgb(fitted.cluster_centers_[order].astype(np.float64)) * 255).astype(int)
    shares = (weight / weight.sum())[order]
    return [
        ("#" + "".join(f"{value:02x}" for value in row), float(share)) for row, share in zip(rgb, shares, strict=True)
    ]
