"""Network dissection (Bau et al. 2017): which unit lies where an object is, in paintings whose objects are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from emotionart.attribution.network import PictureNetwork, as_floats
from emotionart.data.artworks import Artworks
from emotionart.data.gallery.gallery import find_mask, find_object, read_mask
from emotionart.progress import progress_bar

Array = NDArray[np.float64]

DETECTS = 0.04
"""Intersection over union above which Bau et al. call a unit a detector."""

_TOP = 0.005  # share of a unit's places at which it counts as active, theirs as well
_BATCH = 32
_FEWEST = 5  # works with an object in each part


@dataclass(frozen=True)
class Planted:
    """Paintings and where their objects are.

    Attributes:
        pictures: (n, size, size, 3) uint8.
        mask: (n, size, size) where the object is; in a portrait, the features of the face besides.
        name: (n,) of the object.
    """

    pictures: NDArray[np.uint8]
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
    """The objects of the works at these positions; None where they are not paintings of the gallery."""
    size, found, masks, names = artworks.pixels.shape[1], [], [], []
    for row in rows:
        path = Path(str(artworks.image[row]))
        file, name = find_mask(path), find_object(path)
        if file is not None and name is not None:
            masks.append(read_mask(file, size))
            found.append(artworks.row[row])
            names.append(name)
    if not found:
        return None
    return Planted(artworks.pixels[np.array(found)], np.stack(masks), np.array(names, dtype=object))


def dissect(network: PictureNetwork, planted: Mapping[str, Planted]) -> list[Detector]:
    """The best unit of each object that five works of either part have, the best first.

    Args:
        network: whose trunk gives a grid.
        planted: "validation", on which thresholds and units are chosen, and "test".
    """
    grids = {part: _grids(network, works.pictures, part) for part, works in planted.items()}
    answers = grids["validation"].transpose(0, 1).flatten(1).numpy()
    threshold = torch.from_numpy(np.quantile(answers, 1 - _TOP, axis=1).astype(np.float32))
    chosen, tested = (_overlaps(grids[part], threshold, planted[part]) for part in ("validation", "test"))
    works = planted["test"]
    others = Planted(works.pictures, np.roll(works.mask, 1, axis=0), np.roll(works.name, 1))
    moved = _overlaps(grids["test"], threshold, others)
    found = []
    for name in sorted(set(works.name)):
        counts = [int((one.name == name).sum()) for one in planted.values()]
        if min(counts) < _FEWEST:
            continue
        unit = int(chosen.iou(name).argmax())
        found.append(
            Detector(
                name,
                int((works.name == name).sum()),
                unit,
                float(tested.iou(name)[unit]),
                float(tested.both[name][unit] / max(tested.active[unit], 1)),
                float(tested.both[name][unit] / tested.covered[name]),
                float(moved.iou(name)[unit]),
            )
        )
    return sorted(found, key=lambda one: -one.iou)


@dataclass(frozen=True)
class _Overlaps:
    """Numbers of places, over all works.

    Attributes:
        active: (U,) at which each unit is active.
        covered: by object, that lie on it.
        both: by object, (U,) that do and are.
    """

    active: Array
    covered: dict[str, float]
    both: dict[str, Array]

    def iou(self, name: str) -> Array:
        """Intersection over union of each unit with an object, (U,)."""
        ratio: Array = self.both[name] / (self.active + self.covered[name] - self.both[name])
        return ratio


@torch.inference_mode()
def _grids(network: PictureNetwork, pictures: NDArray[np.uint8], part: str) -> torch.Tensor:
    """Answers of all units at all places, (n, U, h, w)."""
    starts = range(0, len(pictures), _BATCH)
    parts = []
    for start in progress_bar(starts, f"where units are active in {part} works", len(pictures), _BATCH):
        parts.append(network.features(as_floats(pictures[start : start + _BATCH])))
    return torch.cat(parts)


@torch.inference_mode()
def _overlaps(grids: torch.Tensor, threshold: torch.Tensor, planted: Planted) -> _Overlaps:
    units = grids.shape[1]
    active = np.zeros(units)
    covered = dict.fromkeys(planted.name, 0.0)
    both = {name: np.zeros(units) for name in planted.name}
    for grid, mask, name in zip(grids, planted.mask, planted.name, strict=True):  # one by one: they are large
        # Whole cells: between them, interpolation would take the peaks off that a threshold looks for.
        fine = F.interpolate(grid[None].float(), mask.shape, mode="nearest")[0]
        on = (fine > threshold[:, None, None]).numpy()
        active += on.sum((1, 2))
        covered[name] += float(mask.sum())
        both[name] += on[:, mask].sum(1)
    return _Overlaps(active, covered, both)
