import numpy as np
import pytest
from PIL import Image

from emotionart.data.pictures.decode import load_resized
from emotionart.data.pictures.fit import resize
from tests.data.pictures.corpus import encoded


def wide() -> Image.Image:
    """Red at the left, green in the middle, blue at the right, each as wide as it is high."""
    pixels = np.zeros((40, 120, 3), dtype=np.uint8)
    for index in range(3):
        pixels[:, 40 * index : 40 * index + 40, index] = 240
    return Image.fromarray(pixels)


def test_squashed_it_is_whole() -> None:
    columns = resize(wide(), 30, "squash").mean(axis=0)
    assert [int(columns[place].argmax()) for place in (3, 15, 27)] == [0, 1, 2]


def test_cropped_it_is_the_middle_undistorted() -> None:
    middle = resize(wide(), 20, "crop")
    exact = np.asarray(wide().crop((40, 0, 80, 40)).resize((20, 20), Image.Resampling.BICUBIC))
    difference = np.abs(middle.astype(int) - exact)
    assert difference[1:-1, 1:-1].max() <= 4
    assert difference.max() <= 20, "only the filter reaches beyond the edge"


def test_padded_it_is_whole_and_undistorted_between_bars_of_its_mean_colour() -> None:
    padded = resize(wide(), 60, "pad").astype(int)
    assert (np.abs(padded[[0, 10, 49, 59]] - 80) <= 1).all()
    assert [int(padded[30, place].argmax()) for place in (5, 30, 55)] == [0, 1, 2]
    assert padded[21:39].std(axis=0).max() < 1, "twenty rows hold the picture"


@pytest.mark.parametrize("fit", ["squash", "crop", "pad"])
def test_a_square_is_the_same_whatever_the_fit(fit: str) -> None:
    square = Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8))
    assert (load_resized(encoded(square, "PNG"), 32, fit) == np.asarray(square)).all()
