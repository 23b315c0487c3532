"""Network dissection (Bau et al. 2017): which unit lies where an object is, in paintings whose objects are known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from emotionart.data.artworks import Artworks
from emotionart.data.gallery.gallery import find_mask, find_object, read_mask
from emotionart.explain.units.overlaps import Cells, Overlaps

DETECTS = 0.04
"""Intersection over union above which Bau et al. call a unit a detector."""

_TOP = 0.005  # share of a unit's places at which it counts as active, theirs as well
_FEWEST = 5  # works with an object in each part


@dataclass(frozen=True)
class Planted:
    """Where the objects of m paintings are.

    Attributes:
        row: (m,) positions of the paintings among the works of their part.
        mask: (m, size, size) where the object is; in a portrait, the features of the face besides.
        name: (m,) of the object.
    """

    row: NDArray[np.intp]
    mask: NDArray[np.bool_]
    name: NDArray[np.object_]


@dataclass(frozen=True)
class Detector:
    """The unit that lies on an object best on validation, and what it does on the test split.

    Attributes:
        object: name.
        works: test works with it.
        unit: its number.
        iou: intersection over union of its active places with the object's, over all test works.
        precision: share of its active places that lie on the object.
        recall: share of the object's places at which it is active.
        chance: `iou`, where each work has the object and the mask of another.
    """

    object: str
    works: int
    unit: int
    iou: float
    precision: float
    recall: float
    chance: float

    @property
    def detects(self) -> bool:
        """Whether it is a detector, and more of one than by chance."""
        return self.iou > max(DETECTS, self.chance)


def planted_objects(artworks: Artworks, rows: NDArray[np.intp]) -> Planted | None:
    """The objects of a part's works, given by their positions; None where they are not paintings of the gallery."""
    size, picture_rows, masks, names = artworks.pixels.shape[1], [], [], []
    for row, path in enumerate(map(Path, artworks.image[rows])):
        file, name = find_mask(path), find_object(path)
        if file is not None and name is not None:
            masks.append(read_mask(file, size))
            picture_rows.append(row)
            names.append(name)
    if not picture_rows:
        return None
    return Planted(np.array(picture_rows), np.stack(masks), np.array(names, dtype=object))


class Peaks:
    """The highest answers of each unit to the paintings of the validation part; all others are forgotten.

    Args:
        planted: the paintings and their objects.
    """

    def __init__(self, planted: Planted) -> None:
        self._planted = planted
        self._cells: Cells | None = None
        self._value = torch.empty(0)  # (U, k), the highest first
        self._where = torch.empty(0)  # (U, k) painting * cells + cell

    def see(self, rows: NDArray[np.intp], grid: Tensor) -> None:
        """Notes answers (B, U, h, w) to the works at positions (B,)."""
        here, painting = _shared(rows, self._planted.row)
        cells = self._cells = self._cells or Cells.of(self._planted.mask, grid.shape[2:])
        value = grid[here].float().transpose(0, 1).flatten(1)
        where = torch.from_numpy(painting)[:, None] * cells.size.size + torch.arange(cells.size.size)
        where = where.flatten().expand(len(value), -1)
        if self._value.numel():
            value, where = torch.cat([self._value, value], 1), torch.cat([self._where, where], 1)
        self._value, order = value.topk(min(cells.object.size - int(self._rank), value.shape[1]), 1)
        self._where = where.gather(1, order)

    @property
    def _rank(self) -> float:
        """The quantile's place among all answers of a unit, from the lowest."""
        assert self._cells is not None
        return (self._cells.object.size - 1) * (1 - _TOP)

    @property
    def threshold(self) -> Tensor:
        """(U,) the quantile above which each unit counts as active, interpolated between two answers as by NumPy."""
        low, high = self._value[:, -1].double(), self._value[:, max(self._value.shape[1] - 2, 0)].double()
        return (low + (self._rank - int(self._rank)) * (high - low)).float()

    def overlaps(self) -> Overlaps:
        """How often each unit is active, and how often on the object."""
        assert self._cells is not None
        unit, kept = (self._value > self.threshold[:, None]).numpy().nonzero()
        painting, cell = np.divmod(self._where.numpy()[unit, kept], self._cells.size.size)
        overlaps = Overlaps.none(self._planted.name, len(self._value))
        overlaps.covered[:] = self._cells.object.sum((1, 2))
        np.add.at(overlaps.active, (painting, unit), self._cells.size.flatten()[cell])
        np.add.at(overlaps.both, (painting, unit), self._cells.object.reshape(len(overlaps.both), -1)[painting, cell])
        return overlaps


class Activity:
    """Where units are active in the paintings of the test part.

    Args:
        planted: the paintings and their objects.
        threshold: (U,) above which each unit counts as active.

    Attributes:
        overlaps: with the paintings' own objects.
        moved: with those of others.
    """

    def __init__(self, planted: Planted, threshold: Tensor) -> None:
        self._planted, self._threshold = planted, threshold
        self._cells: Cells | None = None
        units, names = len(threshold), planted.name
        self.overlaps, self.moved = (Overlaps.none(name, units) for name in (names, np.roll(names, 1)))

    def see(self, rows: NDArray[np.intp], grid: Tensor) -> None:
        """Notes answers (B, U, h, w) to the works at positions (B,)."""
        here, painting = _shared(rows, self._planted.row)
        cells = self._cells = self._cells or Cells.of(self._planted.mask, grid.shape[2:])
        active = (grid[here] > self._threshold[:, None, None]).double().numpy()
        for overlaps, pixels in ((self.overlaps, cells.object), (self.moved, np.roll(cells.object, 1, axis=0))):
            overlaps.covered[painting] = pixels[painting].sum((1, 2))
            overlaps.active[painting] = np.einsum("buhw,hw->bu", active, cells.size)
            overlaps.both[painting] = np.einsum("buhw,bhw->bu", active, pixels[painting])


def dissect(peaks: Peaks, activity: Activity) -> list[Detector]:
    """The best unit of each object that five works of either part have, the best first.

    Args:
        peaks: of the validation part, which has been seen; thresholds and units are chosen on it.
        activity: of the test part, which has been seen.
    """
    chosen, tested, moved = peaks.overlaps(), activity.overlaps, activity.moved
    detectors = []
    for name in sorted(set(tested.name)):
        if min((one.name == name).sum() for one in (chosen, tested)) < _FEWEST:
            continue
        unit = int(chosen.iou(name).argmax())
        both = tested.on(name)[unit]
        detectors.append(
            Detector(
                name,
                int((tested.name == name).sum()),
                unit,
                float(tested.iou(name)[unit]),
                float(both / max(tested.active[:, unit].sum(), 1)),
                float(both / tested.covered[tested.name == name].sum()),
                float(moved.iou(name)[unit]),
            )
        )
    return sorted(detectors, key=lambda one: -one.iou)


def _shared(rows: NDArray[np.intp], planted: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where rows are paintings with objects: positions in the one and in the other."""
    _, here, painting = np.intersect1d(rows, planted, assume_unique=True, return_indices=True)
    return here, painting
