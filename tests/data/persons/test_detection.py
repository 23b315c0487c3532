from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emotionart.data.persons.detection import find_persons
from emotionart.data.persons.detector import MAX_PERSONS
from emotionart.data.persons.looks import merge_looks


class RedFinder:
    """A detector to whom everything red is one person, as sure as it is red; it remembers what it was shown."""

    name, digest = "red", "0123456789abcdef"

    def __init__(self, most: int = 10**9) -> None:
        self.batches: list[list[tuple[int, ...]]] = []
        self.most = most

    def detect(self, pictures: Sequence[np.ndarray]) -> list[np.ndarray]:
        if len(self.batches) == self.most:
            raise KeyboardInterrupt
        self.batches.append([picture.shape for picture in pictures])
        found = []
        for picture in pictures:
            red = (picture[..., 0] > 128) & (picture[..., 1:] < 80).all(axis=2)
            rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
            box = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1, 0.9] if len(rows) else []
            found.append(np.array([box] if box else np.empty((0, 5)), np.float32))
        return found


SIZES = ((200, 100), (100, 200), (64, 64), (900, 700), (120, 61), (1, 40))


def draw(folder: Path, count: int) -> list[str]:
    """Pictures with a red box from 20 % to 60 % of the width and 50 % to 90 % of the height; every third has none."""
    paths = []
    for number in range(count):
        width, height = SIZES[number % len(SIZES)]
        pixels = np.full((height, width, 3), number, np.uint8)
        if number % 3:
            pixels[round(0.5 * height) : round(0.9 * height), round(0.2 * width) : round(0.6 * width)] = (255, 0, 0)
        paths.append(str(folder / f"{number}.png"))
        Image.fromarray(pixels).save(paths[-1])
    return paths


def test_boxes_are_shares_of_the_picture_whatever_its_shape(tmp_path: Path) -> None:
    detector = RedFinder()
    found = find_persons(draw(tmp_path, 18), detector, tmp_path / "cache", batch_size=4)
    assert found.boxes.shape == (18, MAX_PERSONS, 5)
    for row, boxes in enumerate(found.boxes):
        if row % 3 == 0 or row % len(SIZES) == 5:
            continue
        np.testing.assert_allclose(boxes[0], [0.2, 0.5, 0.6, 0.9, 0.9], atol=0.02)
    assert not found.boxes[::3].any()
    assert sum(map(len, detector.batches)) == 3 * 18, "large, small, and its upper part"
    for batch in detector.batches:
        assert len(batch) <= 4
        assert len(set(batch)) == 1
        assert max(batch[0][:2]) in (448, 320, 224)
        assert not any(side % 32 for side in batch[0][:2])


def test_what_was_found_is_stored_by_the_pictures_bytes(tmp_path: Path) -> None:
    paths = draw(tmp_path, 12)
    first = find_persons(paths, RedFinder(), tmp_path / "cache", batch_size=4)
    moved = tmp_path / "moved.png"
    Path(paths[1]).rename(moved)
    second = RedFinder()
    again = find_persons([str(moved), *paths[2:]], second, tmp_path / "cache")
    assert second.batches == []
    np.testing.assert_array_equal(again.boxes, first.boxes[1:])


def test_a_stopped_detection_goes_on_where_it_stopped(tmp_path: Path) -> None:
    paths = draw(tmp_path, 36)
    stopped, after = RedFinder(most=20), RedFinder()
    with pytest.raises(KeyboardInterrupt):
        find_persons(paths, stopped, tmp_path / "cache", batch_size=4)
    resumed = find_persons(paths, after, tmp_path / "cache", batch_size=4)
    finished = 36 - sum(map(len, after.batches)) / 3
    assert 0 < finished <= sum(map(len, stopped.batches)) / 3
    whole = find_persons(paths, RedFinder(), tmp_path / "other", batch_size=4)
    np.testing.assert_array_equal(resumed.boxes, whole.boxes)


def test_unreadable_pictures_have_a_reason_and_no_boxes(tmp_path: Path) -> None:
    paths = draw(tmp_path, 2)
    (tmp_path / "words.jpg").write_text("these are only words")
    found = find_persons([*paths, str(tmp_path / "words.jpg"), str(tmp_path / "away.jpg")], RedFinder(), tmp_path)
    assert found.reason.tolist() == ["", "", "not a picture but a text file", "not there"]
    assert not found.boxes[2:].any()


def test_a_person_that_several_looks_find_comes_once_with_the_best_score() -> None:
    def boxes(*rows: tuple[float, ...]) -> np.ndarray:
        return np.array(rows, np.float32).reshape(-1, 5)

    standing, seated, small = (0.1, 0.1, 0.5, 1.0, 0.3), (0.6, 0.2, 0.9, 0.9, 0.5), (0.7, 0.0, 0.8, 0.1, 0.2)
    upper = (0.12, 0.1, 0.5, 0.6, 0.8)  # the standing one, cut at 60 %
    found = merge_looks([(1.0, boxes(standing, seated)), (1.0, boxes()), (0.6, boxes(upper, small))])
    assert found.shape == (MAX_PERSONS, 5)
    np.testing.assert_allclose(found[:3], [(*standing[:4], 0.8), seated, small])
    assert not found[3:].any()
    assert not merge_looks([(1.0, boxes()), (1.0, boxes())]).any()
