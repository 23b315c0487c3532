"""Importance, distributions and coefficients of named features, for a run's result and figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

from emotionart.classifier.evaluation.baselines import LogisticBaseline
from emotionart.classifier.module import Classifier
from emotionart.data.artworks import Artworks
from emotionart.features.texture import HARD_SOFT, HardSoft
from emotionart.features.vectors import group_of
from emotionart.figures import features as draw
from emotionart.figures.classifier import MOST_CLASSES
from emotionart.inputs.vector import VectorRepresentation
from emotionart.statistics.importance import Coefficients, Drop, logistic_coefficients, permutation_importance

# Not on the test split, since features may be selected by their importance.
PART = "validation"

_REPEATS = 20
_RESAMPLES = 200
_MOST_NAMED = 3


def explain_features(
    classifier: Classifier,
    artworks: Artworks,
    logistic: LogisticBaseline,
    representation: VectorRepresentation,
    seed: int,
) -> dict[str, Any]:
    """The entry of `result.json` on a run's named features.

    Args:
        classifier: tested classifier.
        artworks: artworks of the run.
        logistic: logistic regression on the same features.
        representation: definition of the features.
        seed: seed of permutations and resampling.

    Returns:
        `part`, the split that importance was measured on; `importance` of groups and of features, as the accuracy
        lost; `coefficients` by class and feature, with intervals; and `sentences`.
    """
    names = representation.names
    values = logistic.features
    label = artworks.label[artworks.indices(PART)]
    groups, alone = _columns(names)

    @torch.inference_mode()
    def accuracy(features: NDArray[np.float32]) -> float:
        predicted = classifier.probabilities(torch.from_numpy(features)).argmax(axis=1)
        return float((predicted == label).mean())

    drops = permutation_importance(accuracy, values[PART], {**groups, **alone}, _REPEATS, seed)
    by_group, by_feature = ({name: drops[name] for name in kept} for kept in (groups, alone))
    train = artworks.indices("train")
    coefficients = logistic_coefficients(
        logistic.model,
        values["train"],
        artworks.target[train],
        artworks.unit[train],
        _RESAMPLES,
        seed,
    )
    return {
        "part": PART,
        "importance": {
            "groups": {name: vars(drop) for name, drop in by_group.items()},
            "features": {name: vars(drop) for name, drop in by_feature.items()},
        },
        "coefficients": _as_plain(coefficients, names, artworks.classes),
        "sentences": [
            _importance_sentence(by_group),
            _evidence_sentence(coefficients, representation, artworks.classes),
        ],
    }


def build_feature_figures(
    numbers: Mapping[str, Any], values: NDArray[np.float32], label: NDArray[np.int64], classes: Sequence[str]
) -> dict[str, Callable[[], Figure]]:
    """Functions that draw `importance`, `distributions` and `coefficients`; the last two only for few classes.

    Args:
        numbers: result of `explain_features`.
        values: (n, D) features of the training split.
        label: (n,) classes of the training split.
        classes: names of the K classes.
    """
    groups, features = (
        {name: Drop(**drop) for name, drop in drops.items()} for drops in numbers["importance"].values()
    )
    figures: dict[str, Callable[[], Figure]] = {
        "importance": partial(draw.importances, groups, features, numbers["part"])
    }
    if len(classes) <= MOST_CLASSES:
        names = list(features)
        chosen = sorted(names, key=lambda name: -features[name].mean)[: draw.MOST_SHOWN]
        shown = [name for name in names if name in chosen]
        columns = values[:, [names.index(name) for name in shown]]
        weights = _coefficients(numbers["coefficients"], shown, classes)
        figures["distributions"] = partial(draw.distributions, columns, shown, label, classes)
        figures["coefficients"] = partial(draw.coefficients, weights, shown, classes)
    return figures


def _coefficients(plain: Mapping[str, Any], names: Sequence[str], classes: Sequence[str]) -> Coefficients:
    """(K, D) coefficients of some features, from the output of `_as_plain`; NaN for an absent class."""
    absent = dict.fromkeys(("value", "low", "high"), np.nan)
    rows = [[plain.get(kind, {}).get(name, absent) for name in names] for kind in classes]
    return Coefficients(*(np.array([[cell[end] for cell in row] for row in rows]) for end in absent))


def _columns(names: Sequence[str]) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """Column positions of each group and of each feature; a group of one feature has that feature's name."""
    groups: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        groups.setdefault(group_of(name), []).append(index)
    return groups, {name: [index] for index, name in enumerate(names)}


def _as_plain(coefficients: Coefficients, names: Sequence[str], classes: Sequence[str]) -> dict[str, Any]:
    """Coefficients by class and feature; a class without training artworks is left out."""
    return {
        kind: {
            name: {
                "value": float(coefficients.value[row, column]),
                "low": float(coefficients.low[row, column]),
                "high": float(coefficients.high[row, column]),
            }
            for column, name in enumerate(names)
        }
        for row, kind in enumerate(classes)
        if np.isfinite(coefficients.value[row]).all()
    }


def _importance_sentence(groups: Mapping[str, Drop]) -> str:
    """A sentence: the accuracy lost when each of the most important groups is shuffled."""
    best = sorted(groups.items(), key=lambda item: -item[1].mean)[:_MOST_NAMED]
    listing = ", ".join(f"{name} {100 * drop.mean:.1f} ± {100 * drop.sd:.1f}" for name, drop in best)
    return f"points of {PART} accuracy lost when a group is shuffled: {listing}"


def _evidence_sentence(coefficients: Coefficients, representation: VectorRepresentation, classes: Sequence[str]) -> str:
    """A sentence: for each class, the features with the largest weights whose intervals exclude zero."""
    evidence = []
    for row, kind in enumerate(classes):
        clear = np.flatnonzero((coefficients.low[row] > 0) | (coefficients.high[row] < 0))
        largest = clear[np.argsort(-np.abs(coefficients.value[row, clear]), kind="stable")][:_MOST_NAMED]
        words = [
            describe_feature(
                representation.names[index], coefficients.value[row, index] > 0, representation.settings.hard_soft
            )
            for index in largest
        ]
        evidence.append(f"{kind}: {', '.join(words) or 'nothing clear'}")
    return f"evidence for each class in logistic regression, other features fixed: {'; '.join(evidence)}"


def describe_feature(name: str, more: bool, hard_soft: HardSoft) -> str:
    """A few words on a picture in which a feature is higher (or lower).

    A texture feature is the similarity to a map times that map's hard-soft value, which is negative for soft maps, if
    `hard_soft` is "map"; the similarity alone if it is "separate".
    """
    group, _, rest = name.partition("_")
    if name == "brightness":
        return "brighter" if more else "darker"
    if group == "palette":
        return f"{'farther from' if more else 'nearer'} the {rest} palette"
    if group == "texture" and rest in HARD_SOFT and hard_soft != "colour":
        alike = more == (hard_soft == "separate" or HARD_SOFT[rest] > 0)
        return f"{'more' if alike else 'less'} like {rest}"
    return f"{'more' if more else 'less'} {name}"
