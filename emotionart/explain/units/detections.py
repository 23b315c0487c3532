"""Single units as detectors of a binary attribute of works: a tag, or a feature above its median."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import comb

import numpy as np
from numpy.typing import NDArray

from emotionart.statistics.auroc import auroc
from emotionart.statistics.significance import holm

_FEWEST = 5  # works with an attribute, and without it, in each split; likewise artists in the test split

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Detection:
    """How well a unit's mean activation separates test works with an attribute from those without.

    Attributes:
        unit: index of the unit.
        mark: name of the attribute.
        auroc, low, high: area under the ROC curve, with its 95 % interval over artists.
        p_value: two-sided p-value of an area of one half, after Holm's correction for all units and attributes.
        precision, recall: of the works whose activation reaches the threshold with the best F1 on validation.
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
    """Every unit as a detector of every attribute, the most significant first.

    Left out are attributes that fewer than five works of a split have, or lack, and those for which either kind of test
    works comes from fewer than five artists.

    Args:
        mean: split ("validation" and "test") -> (n, U) mean activations.
        marks: attribute -> split -> (n,) whether each work has it.
        group: (n,) numbers, from 0, of the artists of the test works.
    """
    results: list[Detection] = []
    for mark, has_mark in marks.items():
        works = [count for part in has_mark.values() for count in (part.sum(), (~part).sum())]
        positive = has_mark["test"]
        artists = [len(np.unique(group[kind])) for kind in (positive, ~positive)]
        if min(*works, *artists) < _FEWEST:
            continue
        # Of all orders of the works, one separates perfectly in each direction: the least p-value of a rank test.
        least_p = 2 / comb(len(group), int(positive.sum()))
        for unit, area in enumerate(auroc(mean["test"], positive, group)):
            threshold = best_threshold(mean["validation"][:, unit], has_mark["validation"])
            detected = mean["test"][:, unit] >= threshold
            true_positives = int((detected & positive).sum())
            low, high = area.interval(0, 1)
            results.append(
                Detection(
                    unit=unit,
                    mark=mark,
                    auroc=area.value,
                    low=low,
                    high=high,
                    p_value=max(replace(area, value=area.value - 0.5).p_value(), least_p),
                    precision=true_positives / max(int(detected.sum()), 1),
                    recall=true_positives / int(positive.sum()),
                )
            )
    corrected = holm([one.p_value for one in results])
    return sorted(
        (replace(one, p_value=float(p_value)) for one, p_value in zip(results, corrected, strict=True)),
        key=lambda one: (one.p_value, -abs(one.auroc - 0.5)),
    )


def best_threshold(values: Array, positive: NDArray[np.bool_]) -> float:
    """The threshold with the best F1 for the rule "at least this value"; of equal ones, the highest.

    Args:
        values: (n,) scores.
        positive: (n,) class of each.
    """
    order = np.argsort(-values, kind="stable")
    true_positives = np.cumsum(positive[order])
    f1 = 2 * true_positives / (np.arange(1, len(values) + 1) + positive.sum())
    last_of_ties = np.append(values[order][1:] != values[order][:-1], True)
    return float(values[order][np.where(last_of_ties, f1, -1).argmax()])
