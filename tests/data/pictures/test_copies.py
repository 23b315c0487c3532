from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from emotionart.data.pictures.copies import find_copies, grey_square
from emotionart.data.pictures.polar import SIDE
from studies.copies import CHANGES
from tests.conftest import SHARED

PORTRAITS = SHARED / "data/portraits/images"
SOUGHT = [name for name in CHANGES if name != "squashed to a square"]  # which the hash knows again


def natural(count: int) -> list[Image.Image]:
    """Colour pictures whose contrast falls with frequency, and whose channels agree, as those of photographs do."""
    generator = np.random.default_rng(0)
    frequency = np.hypot(np.fft.fftfreq(150)[:, None], np.fft.rfftfreq(120))
    made = []
    for _ in range(count):
        light, colour = generator.normal(size=(1, 150, 120)), generator.normal(size=(3, 150, 120))
        noise = np.fft.rfft2(light + 0.4 * colour) / np.maximum(frequency, 0.01)
        pixels = np.fft.irfft2(noise, (150, 120))
        levels = 128 + 50 * pixels / pixels.std(axis=(1, 2), keepdims=True)
        made.append(Image.fromarray(np.moveaxis(levels, 0, -1).clip(0, 255).astype(np.uint8)))
    return made


def squares(pictures: Sequence[Image.Image]) -> np.ndarray:
    return np.stack([grey_square(picture) for picture in pictures])


@pytest.fixture(scope="module")
def pictures() -> list[Image.Image]:
    return natural(24)


@pytest.fixture(scope="module")
def portraits() -> list[Image.Image]:
    if not PORTRAITS.exists():
        pytest.skip("the shared portraits are not beside the checkout")
    return [Image.open(path).convert("RGB") for path in sorted(PORTRAITS.iterdir())[::90]]


@pytest.mark.parametrize("name", SOUGHT)
def test_a_changed_copy_is_joined_with_its_original_and_with_nothing_else(
    name: str, pictures: list[Image.Image]
) -> None:
    found = find_copies(squares([*pictures, *map(CHANGES[name], pictures[:20])]), workers=1)
    pairs, expected = set(map(tuple, found.tolist())), {(number, 24 + number) for number in range(20)}
    assert len(pairs & expected) >= 0.95 * len(expected)
    assert pairs <= expected


def test_changed_copies_of_portraits_are_found(portraits: list[Image.Image]) -> None:
    changed = [CHANGES[SOUGHT[number % len(SOUGHT)]](picture) for number, picture in enumerate(portraits)]
    pairs = set(map(tuple, find_copies(squares([*portraits, *changed])).tolist()))
    expected = {(number, len(portraits) + number) for number in range(len(portraits))}
    assert len(pairs & expected) >= 0.95 * len(expected)
    assert pairs <= expected


def test_two_pictures_are_enough_to_tell(pictures: list[Image.Image]) -> None:
    mirrored = CHANGES["mirrored"](pictures[0])
    assert find_copies(squares([pictures[0], mirrored])).tolist() == [[0, 1]]
    assert find_copies(squares(pictures[:2])).tolist() == []
    assert find_copies(squares(pictures[:1])).tolist() == []


def test_many_copies_of_one_picture_are_linked_though_not_each_with_each(pictures: list[Image.Image]) -> None:
    turned = [pictures[0].rotate(degrees, Image.Resampling.BICUBIC) for degrees in np.linspace(-12, 12, 30)]
    pairs = find_copies(squares(turned))
    assert len(pairs) < 30 * 29 / 2
    assert connected_components(coo_array((np.ones(len(pairs)), pairs.T), shape=(30, 30)), directed=False)[0] == 1


def test_order_and_threads_do_not_matter(pictures: list[Image.Image]) -> None:
    all = squares([*pictures, *map(CHANGES["5 % off the left"], pictures)])
    order = np.random.default_rng(1).permutation(len(all))
    found, again = find_copies(all, workers=1), find_copies(all[order], workers=3)
    assert np.array_equal(np.unique(np.sort(order[again], axis=1), axis=0), found)


def test_pictures_that_show_nothing_are_copies_of_none() -> None:
    grain = np.random.default_rng(0).integers(0, 2, (2, SIDE, SIDE))
    flat = np.full((4, SIDE, SIDE), 128) + np.concatenate([grain, np.zeros_like(grain)])
    assert len(find_copies(flat.astype(np.uint8))) == 0


def test_a_square_is_the_middle_of_a_picture_in_grey() -> None:
    wide = np.zeros((SIDE, 3 * SIDE, 3), np.uint8)
    wide[:, SIDE : 2 * SIDE] = (0, 255, 0)
    assert (grey_square(Image.fromarray(wide))[:, 3:-3] == 150).all()
