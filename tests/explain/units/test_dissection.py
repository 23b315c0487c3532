from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from torch import nn

from emotionart.config.compose import compose
from emotionart.data.artworks import Artworks
from emotionart.data.gallery.emotion import EMOTIONS
from emotionart.data.gallery.gallery import find_mask
from emotionart.explain.units.activations import BatchCallback, Works, run_layer
from emotionart.explain.units.dissection import DETECTS, Activity, Detector, ObjectMasks, Peaks, dissect, object_masks
from emotionart.figures.page import render
from emotionart.run.data import build_artworks
from tests.conftest import TINY
from tests.explain.units.planted import layer, pictures, works

NAMES = np.array(["red thing", "blue thing", "nothing"], dtype=object)
EMPTY_PAGE = {"run": "run", "layer": "trunk", "warning": None, "total": 2, "works": 45, "steps": 0, "cards": [],
              "least": DETECTS, "concepts": None}  # fmt: skip


def planted(count: int, seed: int) -> tuple[Works, ObjectMasks]:
    """Paintings with a red or a blue patch; or a mask where nothing is to be seen."""
    kind = np.arange(count) % 3
    made = pictures(np.minimum(kind, 1), seed)
    bright = np.random.default_rng(seed).uniform(0.7, 1, count)  # so that a few places are the highest
    made = (made * bright[:, None, None, None]).astype(np.uint8)
    made[kind == 2] = np.roll(made[kind == 2], 16, axis=1) // 8
    mask = np.zeros((count, 32, 32), dtype=bool)
    mask[:, 16:24, 8:16] = True
    return works(made), ObjectMasks(np.arange(count), mask, NAMES[kind])


def found(
    validation: tuple[Works, ObjectMasks], test: tuple[Works, ObjectMasks]
) -> tuple[Peaks, Activity, list[Detector]]:
    """What is found in paintings, which are seen in two portions, the second of them first."""

    def halves(works: Works, callback: BatchCallback) -> None:
        for rows in np.array_split(np.arange(len(works)), 2)[::-1]:
            run_layer(layer(), works, rows, "works", [callback])

    peaks = Peaks(validation[1])
    halves(validation[0], peaks.update)
    activity = Activity(test[1], peaks.threshold)
    halves(test[0], activity.update)
    return peaks, activity, dissect(peaks, activity)


def test_a_planted_detector_is_told_from_a_unit_that_lies_elsewhere() -> None:
    told = {one.object: one for one in found(planted(36, 0), planted(45, 1))[2]}
    assert [told[name].unit for name in NAMES[:2]] == [0, 1]
    red = told["red thing"]
    assert red.works == 15
    assert red.detects
    assert red.precision > 0.9
    assert red.iou > 5 * red.chance
    assert 0 < red.recall < 0.5, "the highest 0.5 % of places are fewer than those of the patches"
    assert not told["nothing"].detects
    assert told["nothing"].iou < DETECTS


def test_overlaps_are_those_of_whole_answers_at_their_quantile() -> None:
    """All answers at once, at the size of the masks, as Bau et al. have them."""
    validation, test = planted(36, 0), planted(45, 1)
    peaks, activity, _ = found(validation, test)
    grids = [layer().grid(works.tensor(np.arange(len(works)))) for works, _ in (validation, test)]
    threshold = np.quantile(grids[0].transpose(0, 1).flatten(1).numpy(), 0.995, axis=1)
    assert peaks.threshold.numpy() == pytest.approx(threshold)
    moved = replace(test[1], mask=np.roll(test[1].mask, 1, axis=0), name=np.roll(test[1].name, 1))
    cases = [(grids[0], validation[1], peaks.overlaps()), (grids[1], test[1], activity.overlaps)]
    for grid, objects, overlaps in [*cases, (grids[1], moved, activity.shuffled)]:
        fine = nn.functional.interpolate(grid, (32, 32), mode="nearest").numpy()
        active = fine > threshold[:, None, None].astype(np.float32)
        for name in NAMES:
            inside = (objects.mask & (objects.name == name)[:, None, None])[:, None]
            either = active.sum((0, 2, 3)) + inside.sum() - (active & inside).sum((0, 2, 3))
            assert overlaps.iou(name) == pytest.approx((active & inside).sum((0, 2, 3)) / either)


def test_a_unit_that_is_hardly_ever_active_lies_on_nothing() -> None:
    def dead(count: int) -> tuple[Works, ObjectMasks]:
        paintings, objects = planted(count, 0)
        return replace(paintings, pixels=np.zeros_like(paintings.pixels)), objects

    assert [one.iou for one in found(dead(36), dead(45))[2]] == [0] * len(NAMES)


def test_objects_of_few_works_are_left_out() -> None:
    assert found(planted(12, 0), planted(45, 1))[2] == []


def test_the_objects_of_a_gallery_are_known(cache: Path) -> None:
    artworks: Artworks = build_artworks(compose([*TINY, f"cache={cache}"]).config, 16)
    rows = artworks.indices("test")
    works = object_masks(artworks, rows)
    assert works is not None
    assert set(works.name) <= {emotion.somewhere.thing for emotion in EMOTIONS.values()}
    assert len(works.name) == len(rows)
    assert find_mask(Path(str(artworks.image[rows[0]])))
    assert (works.mask.reshape(len(rows), -1).any(1)).all()


def test_the_page_shows_a_row_for_each_object() -> None:
    objects = found(planted(36, 0), planted(45, 1))[2]
    page = render("units.html", **EMPTY_PAGE, objects=objects)
    assert page.count('<th scope="row">') == 3
    assert f"{sum(one.detects for one in objects)}\nof 3 have a detector" in page
