"""Network dissection (Bau et al. 2017): units whose active cells coincide with an object of known location."""

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

_TOP = 0.005  # fraction of a unit's cells at which it counts as active, as in the paper
_FEWEST = 5  # works with an object in each split


@dataclass(frozen=True)
class ObjectMasks:
    """The object of each of m paintings.

    Attributes:
        row: (m,) positions of the paintings among the works of their split.
        mask: (m, size, size) pixels of the object; in a portrait, also those of the facial features.
        name: (m,) name of the object.
    """

    row: NDArray[np.intp]
    mask: NDArray[np.bool_]
    name: NDArray[np.object_]


@dataclass(frozen=True)
class Detector:
    """The unit with the best overlap with an object on validation, measured on the test split.

    Attributes:
        object: name of the object.
        works: number of test works with the object.
        unit: index of the unit.
        iou: intersection over union of the unit's active pixels and the object's, over all test works.
        precision: share of the unit's active pixels that lie on the object.
        recall: share of the object's pixels at which the unit is active.
        chance: `iou` with the objects and masks of other works.
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
        """Whether the overlap is above both the threshold and chance."""
        return self.iou > max(DETECTS, self.chance)


def object_masks(artworks: Artworks, rows: NDArray[np.intp]) -> ObjectMasks | None:
    """The objects of a split's works; None unless they are paintings of the gallery.

    Args:
        artworks: artworks of the run.
        rows: (n,) positions of the split's works.
    """
    size, picture_rows, masks, names = artworks.pixels.shape[1], [], [], []
    for row, path in enumerate(map(Path, artworks.image[rows])):
        file, name = find_mask(path), find_object(path)
        if file is not None and name is not None:
            masks.append(read_mask(file, size))
            picture_rows.append(row)
            names.append(name)
    if not picture_rows:
        return None
    return ObjectMasks(np.array(picture_rows), np.stack(masks), np.array(names, dtype=object))


class Peaks:
    """The highest activations of each unit on the validation paintings; lower ones are discarded batch by batch.

    Args:
        objects: objects of the paintings.
    """

    def __init__(self, objects: ObjectMasks) -> None:
        self._objects = objects
        self._cells: Cells | None = None
        self._value = torch.empty(0)  # (U, k), the highest first
        self._where = torch.empty(0)  # (U, k) painting * cells + cell

    def update(self, rows: NDArray[np.intp], grid: Tensor) -> None:
        """Adds the activations (B, U, h, w) on the works at positions (B,)."""
        here, painting = _common(rows, self._objects.row)
        cells = self._cells = self._cells or Cells.of(self._objects.mask, grid.shape[2:])
        value = grid[here].float().transpose(0, 1).flatten(1)
        where = torch.from_numpy(painting)[:, None] * cells.size.size + torch.arange(cells.size.size)
        where = where.flatten().expand(len(value), -1)
        if self._value.numel():
            value, where = torch.cat([self._value, value], 1), torch.cat([self._where, where], 1)
        self._value, order = value.topk(min(cells.object.size - int(self._rank), value.shape[1]), 1)
        self._where = where.gather(1, order)

    @property
    def _rank(self) -> float:
        """Rank, from 0 for the lowest, of the threshold among all activations of a unit."""
        assert self._cells is not None
        return (self._cells.object.size - 1) * (1 - _TOP)

    @property
    def threshold(self) -> Tensor:
        """(U,) the 99.5 % quantile, above which a unit counts as active; interpolated linearly, as by `np.quantile`."""
        low, high = self._value[:, -1].double(), self._value[:, max(self._value.shape[1] - 2, 0)].double()
        return (low + (self._rank - int(self._rank)) * (high - low)).float()

    def overlaps(self) -> Overlaps:
        """The overlaps of the active cells with the objects."""
        assert self._cells is not None
        unit, kept = (self._value > self.threshold[:, None]).numpy().nonzero()
        painting, cell = np.divmod(self._where.numpy()[unit, kept], self._cells.size.size)
        overlaps = Overlaps.zeros(self._objects.name, len(self._value))
        overlaps.covered[:] = self._cells.object.sum((1, 2))
        np.add.at(overlaps.active, (painting, unit), self._cells.size.flatten()[cell])
        np.add.at(overlaps.both, (painting, unit), self._cells.object.reshape(len(overlaps.both), -1)[painting, cell])
        return overlaps


class Activity:
    """Overlaps of the units' active cells with the objects of the test paintings.

    Args:
        objects: objects of the paintings.
        threshold: (U,) activation above which each unit counts as active.

    Attributes:
        overlaps: overlaps with each painting's own object.
        shuffled: overlaps with another painting's object, for chance.
    """

    def __init__(self, objects: ObjectMasks, threshold: Tensor) -> None:
        self._objects, self._threshold = objects, threshold
        self._cells: Cells | None = None
        units, names = len(threshold), objects.name
        self.overlaps, self.shuffled = (Overlaps.zeros(name, units) for name in (names, np.roll(names, 1)))

    def update(self, rows: NDArray[np.intp], grid: Tensor) -> None:
        """Adds the activations (B, U, h, w) on the works at positions (B,)."""
        here, painting = _common(rows, self._objects.row)
        cells = self._cells = self._cells or Cells.of(self._objects.mask, grid.shape[2:])
        active = (grid[here] > self._threshold[:, None, None]).double().numpy()
        for overlaps, pixels in ((self.overlaps, cells.object), (self.shuffled, np.roll(cells.object, 1, axis=0))):
            overlaps.covered[painting] = pixels[painting].sum((1, 2))
            overlaps.active[painting] = np.einsum("buhw,hw->bu", active, cells.size)
            overlaps.both[painting] = np.einsum("buhw,bhw->bu", active, pixels[painting])


def dissect(peaks: Peaks, activity: Activity) -> list[Detector]:
    """The best unit of each object that at least five works of both splits have, by decreasing overlap.

    Args:
        peaks: all validation paintings, on which thresholds and units are chosen.
        activity: all test paintings.
    """
    chosen, tested, shuffled = peaks.overlaps(), activity.overlaps, activity.shuffled
    detectors = []
    for name in sorted(set(tested.name)):
        if min((one.name == name).sum() for one in (chosen, tested)) < _FEWEST:
            continue
        unit = int(chosen.iou(name).argmax())
        both = tested.on(name)[unit]
        detectors.append(
            Detector(
                object=name,
                works=int((tested.name == name).sum()),
                unit=unit,
                iou=float(tested.iou(name)[unit]),
                precision=float(both / max(tested.active[:, unit].sum(), 1)),
                recall=float(both / tested.covered[tested.name == name].sum()),
                chance=float(shuffled.iou(name)[unit]),
            )
        )
    return sorted(detectors, key=lambda one: -one.iou)


def _common(rows: NDArray[np.intp], paintings: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices into `rows` and into `paintings` of their common elements."""
    _, here, painting = np.intersect1d(rows, paintings, assume_unique=True, return_indices=True)
    return here, painting
