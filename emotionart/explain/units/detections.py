"""Which units tell works with a mark, a tag or a feature, from others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import comb

import numpy as np
from numpy.typing import NDArray

from emotionart.statistics.auroc import auroc
from emotionart.statistics.tests import holm

_FEWEST = 5  # works with a mark, and without it, in each part; and artists of such works in the test part

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Detection:
    """How well a unit tells works with a mark from others, on the test split.

    Attributes:
        unit: its number.
        mark: a tag, or a feature that is above its median.
        auroc, low, high: area under the ROC curve, with its 95 % interval over artists.
        p_value: of an area of one half, after Holm's correction for all units and marks.
        precision, recall: of "at least so active", where the threshold with the best F1 on validation is taken.
    """

    unit: int
    mark: str
    auroc: float
    low: float
    high: float
    p_value: float
    precision: float
    recall: float


def detections(
    mean: Mapping[str, Array], marks: Mapping[str, Mapping[str, NDArray[np.bool_]]], group: NDArray[np.intp]
) -> list[Detection]:
    """How well every unit detects every mark, the clearest first.

    Args:
        mean: by part ("validation", "test") the units' mean activations, (n, U).
        marks: by mark and part, (n,); those of fewer than five works, or of all but four, or of fewer than five artists
            in the test part, of whom no other artists could be told, are left out.
        group: (n,) of the test works: numbers of artists.
    """
    results: list[Detection] = []
    for mark, inside in marks.items():
        works = [count for part in inside.values() for count in (part.sum(), (~part).sum())]
        artists = [len(np.unique(group[which])) for which in (inside["test"], ~inside["test"])]
        if min(*works, *artists) < _FEWEST:
            continue
        areas = auroc(mean["test"], inside["test"], group)
        # No order of so few works can be rarer than this, however well the unit parts them.
        least = 2 / comb(len(group), int(inside["test"].sum()))
        for unit, area in enumerate(areas):
            threshold = best_threshold(mean["validation"][:, unit], inside["validation"])
            detected = mean["test"][:, unit] >= threshold
            right = int((detected & inside["test"]).sum())
            shifted = replace(area, value=area.value - 0.5)
            results.append(
                Detection(
                    unit, mark, area.value, *area.interval(0, 1), max(shifted.p_value(), least),
                    right / max(int(detected.sum()), 1), right / int(inside["test"].sum()),
                )
            )  # fmt: skip
    corrected = holm([one.p_value for one in results])
    return sorted(
        (replace(one, p_value=float(p_value)) for one, p_value in zip(results, corrected, strict=True)),
        key=lambda one: (one.p_value, -abs(one.auroc - 0.5)),
    )


def best_threshold(values: Array, marked: NDArray[np.bool_]) -> float:
    """The value with the best F1 of "at least this" as a sign of a mark; both are (n,)."""
    order = np.argsort(-values, kind="stable")
    right = np.cumsum(marked[order])
    f1 = 2 * right / (np.arange(1, len(values) + 1) + marked.sum())
    last_of_equal = np.append(values[order][1:] != values[order][:-1], True)
    return float(values[order][np.where(last_of_equal, f1, -1).argmax()])
