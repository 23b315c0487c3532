from pathlib import Path

import numpy as np

from emotionart.config.compose import compose
from emotionart.data.artworks import Artworks
from emotionart.data.gallery.emotion import EMOTIONS
from emotionart.data.gallery.gallery import find_mask
from emotionart.explain.dissection import DETECTS, Planted, dissect, planted_objects
from emotionart.figures.page import render
from emotionart.run.data import build_artworks
from tests.conftest import TINY
from tests.explain.test_units import network, pictures

NAMES = np.array(["red thing", "blue thing", "nothing"], dtype=object)


def planted(count: int, seed: int) -> Planted:
    """Paintings with a red or a blue patch; or a mask where nothing is to be seen."""
    kind = np.arange(count) % 3
    made = pictures(np.minimum(kind, 1), seed)
    bright = np.random.default_rng(seed).uniform(0.7, 1, count)  # so that a few places are the highest
    made = (made * bright[:, None, None, None]).astype(np.uint8)
    made[kind == 2] = np.roll(made[kind == 2], 16, axis=1) // 8
    mask = np.zeros((count, 32, 32), dtype=bool)
    mask[:, 16:24, 8:16] = True
    return Planted(made, mask, NAMES[kind])


def test_a_planted_detector_is_told_from_a_unit_that_lies_elsewhere() -> None:
    found = {one.object: one for one in dissect(network(), {"validation": planted(36, 0), "test": planted(45, 1)})}
    assert [found[name].unit for name in NAMES[:2]] == [0, 1]
    red = found["red thing"]
    assert red.works == 15
    assert red.detects
    assert red.precision > 0.9
    assert red.iou > 5 * red.chance
    assert 0 < red.recall < 0.5, "the highest 0.5 % of places are fewer than those of the patches"
    assert not found["nothing"].detects
    assert found["nothing"].iou < DETECTS


def test_a_unit_that_is_hardly_ever_active_lies_on_nothing() -> None:
    parts = {"validation": planted(36, 0), "test": planted(45, 1)}
    dead = {part: Planted(np.zeros_like(works.pictures), works.mask, works.name) for part, works in parts.items()}
    assert [one.iou for one in dissect(network(), dead)] == [0] * len(NAMES)


def test_objects_of_few_works_are_left_out() -> None:
    assert dissect(network(), {"validation": planted(12, 0), "test": planted(45, 1)}) == []


def test_the_objects_of_a_gallery_are_known(cache: Path) -> None:
    artworks: Artworks = build_artworks(compose([*TINY, f"cache={cache}"]).config, 16)
    rows = artworks.indices("test")
    works = planted_objects(artworks, rows)
    assert works is not None
    assert set(works.name) <= {emotion.somewhere.thing for emotion in EMOTIONS.values()}
    assert len(works.name) == len(rows)
    assert find_mask(Path(str(artworks.image[rows[0]])))
    assert (works.mask.reshape(len(rows), -1).any(1)).all()


def test_the_page_shows_a_row_for_each_object() -> None:
    objects = dissect(network(), {"validation": planted(36, 0), "test": planted(45, 1)})
    page = render("units.html", run="run", total=2, works=45, cards=[], objects=objects, least=DETECTS, concepts=None)
    assert page.count('<th scope="row">') == 3
    assert f"{sum(one.detects for one in objects)}\nof 3 have a detector" in page
