"""The units of a network's last grid: where they are strongest, what they detect, and which classes need them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import comb

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from emotionart.attribution.network import PictureNetwork, as_floats
from emotionart.errors import UserError
from emotionart.progress import progress_bar
from emotionart.statistics.auroc import auroc
from emotionart.statistics.tests import holm

_BATCH = 32
_FEWEST = 5  # works with a mark, and without it, in each part; and artists of such works in the test part

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Activations:
    """What U units answer to n pictures.

    Attributes:
        mean: (n, U) over places.
        place: (n, U, 2) row and column of the strongest place, in parts of the picture from 0 to 1.
        side: of the grid, in cells.
    """

    mean: Array
    place: NDArray[np.float32]
    side: int


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


@torch.inference_mode()
def activations(network: PictureNetwork, pictures: NDArray[np.uint8], what: str) -> Activations:
    """What the units of the trunk's grid answer to pictures.

    Args:
        network: of the run.
        pictures: (n, size, size, 3).
        what: what the pictures are, for the progress bar ("test works").

    Raises:
        UserError: for a trunk that gives no grid.
    """
    means, places, side = [], [], 0
    starts = range(0, len(pictures), _BATCH)
    for start in progress_bar(starts, f"what units answer to {what}", len(pictures), _BATCH):
        grid = network.features(as_floats(pictures[start : start + _BATCH]))
        if grid.ndim != 4:
            raise UserError(
                "This network's last layer has no places.",
                where="RUN",
                fix="a run with one layer, model.backbone.layer=null",
            )
        side = grid.shape[2]
        strongest = grid.flatten(2).argmax(2)
        means.append(grid.mean((2, 3)).double().numpy())
        row, column = strongest // grid.shape[3], strongest % grid.shape[3]
        places.append(((torch.stack([row, column], 2) + 0.5) / side).float().numpy())
    return Activations(np.concatenate(means), np.concatenate(places), side)


@torch.inference_mode()
def losses(network: PictureNetwork, pictures: NDArray[np.uint8], label: NDArray[np.int64], classes: int) -> Array:
    """By how much the mean probability of each true class falls without a unit, (U, K); 0 for a class without works.

    Args:
        network: of the run.
        pictures: (n, size, size, 3).
        label: (n,) true classes.
        classes: number K.
    """
    total: Tensor | None = None
    starts = range(0, len(pictures), _BATCH)
    for start in progress_bar(starts, "what classes lose without a unit", len(pictures), _BATCH):
        grid = network.features(as_floats(pictures[start : start + _BATCH]))
        true = torch.from_numpy(label[start : start + _BATCH])
        whole = _share_of_truth(network, grid, true)
        lost = torch.stack(
            [whole - _share_of_truth(network, _without(grid, unit), true) for unit in range(grid.shape[1])]
        )
        by_class = lost @ F.one_hot(true, classes).double()
        total = by_class if total is None else total + by_class
    assert total is not None
    found: Array = total.numpy() / np.maximum(np.bincount(label, minlength=classes), 1)
    return found


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
    found: list[Detection] = []
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
            told = mean["test"][:, unit] >= threshold
            right = int((told & inside["test"]).sum())
            shifted = replace(area, value=area.value - 0.5)
            found.append(
                Detection(
                    unit, mark, area.value, *area.interval(0, 1), max(shifted.p_value(), least),
                    right / max(int(told.sum()), 1), right / int(inside["test"].sum()),
                )
            )  # fmt: skip
    corrected = holm([one.p_value for one in found])
    return sorted(
        (replace(one, p_value=float(p_value)) for one, p_value in zip(found, corrected, strict=True)),
        key=lambda one: (one.p_value, -abs(one.auroc - 0.5)),
    )


def best_threshold(values: Array, marked: NDArray[np.bool_]) -> float:
    """The value with the best F1 of "at least this" as a sign of a mark; both are (n,)."""
    order = np.argsort(-values, kind="stable")
    right = np.cumsum(marked[order])
    f1 = 2 * right / (np.arange(1, len(values) + 1) + marked.sum())
    last_of_equal = np.append(values[order][1:] != values[order][:-1], True)
    return float(values[order][np.where(last_of_equal, f1, -1).argmax()])


def strongest(activation: Activations, unit: int, count: int) -> NDArray[np.intp]:
    """The pictures that a unit answers to most."""
    return np.argsort(-activation.mean[:, unit], kind="stable")[:count]


def patch(picture: NDArray[np.uint8], place: Sequence[float], side: int) -> NDArray[np.uint8]:
    """The part of a picture (h, w, 3) around a unit's strongest place: three cells wide, within the picture."""
    height, width = picture.shape[:2]
    size = max(round(3 * min(height, width) / side), 8)
    top, left = (
        min(max(round(at * length) - size // 2, 0), max(length - size, 0))
        for at, length in zip(place, (height, width), strict=True)
    )
    return picture[top : top + size, left : left + size]


def _share_of_truth(network: PictureNetwork, grid: Tensor, true: Tensor) -> Tensor:
    return torch.softmax(network.head(grid).double(), 1).gather(1, true[:, None])[:, 0]


def _without(grid: Tensor, unit: int) -> Tensor:
    changed = grid.clone()
    changed[:, unit] = 0
    return changed
