from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from emotionart.features import picture as module
from emotionart.features.picture import ReducedPicture, area_averages
from tests.features.pictures import FLIPS, Picture, photographs

SIZES = [(1, 1), (1, 300), (7, 5), (48, 128), (173, 211), (256, 96)]


def random_picture(height: int, width: int) -> Picture:
    return np.random.default_rng(height * 1000 + width).integers(0, 256, (height, width, 3), dtype=np.uint8)


def exact_mean(picture: Picture, side: int, row: int, column: int) -> list[Fraction]:
    """Of one cell, by fractions, pixel by pixel."""
    height, width = picture.shape[:2]

    def shares(length: int, cell: int) -> list[Fraction]:
        start, stop = Fraction(cell * length, side), Fraction((cell + 1) * length, side)
        return [max(Fraction(0), min(stop, Fraction(i + 1)) - max(start, Fraction(i))) for i in range(length)]

    y, x = shares(height, row), shares(width, column)
    total = [Fraction(0)] * 3
    for i in np.flatnonzero([float(v) for v in y]):
        for j in np.flatnonzero([float(v) for v in x]):
            total = [t + y[i] * x[j] * int(v) for t, v in zip(total, picture[i, j], strict=True)]
    return [t / (sum(y) * sum(x)) for t in total]


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("side", [48, 128])
def test_a_cell_is_the_exact_mean_of_its_area(height: int, width: int, side: int) -> None:
    picture = random_picture(height, width)
    (average,) = area_averages(picture, (side,))
    for row, column in [(0, 0), (side - 1, side - 1), (side // 3, side // 2)]:
        assert average[row, column].tolist() == [round(v) for v in exact_mean(picture, side, row, column)]


def test_where_cells_are_whole_pixels_it_is_pillows_box_filter() -> None:
    picture = random_picture(240, 480)
    expected = np.asarray(Image.fromarray(picture).resize((48, 48), Image.Resampling.BOX)).astype(int)
    assert np.abs(area_averages(picture, (48,))[0] - expected).max() <= 1  # Pillow rounds after each direction


@pytest.mark.parametrize("flip", FLIPS.values(), ids=FLIPS)
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_the_average_of_a_mirrored_picture_is_the_mirrored_average(height: int, width: int, flip) -> None:  # type: ignore[no-untyped-def]
    picture = random_picture(height, width)
    for straight, mirrored in zip(
        area_averages(picture, (48, 128)), area_averages(flip(picture), (48, 128)), strict=True
    ):
        np.testing.assert_array_equal(flip(straight), mirrored)


def test_strips_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = photographs()[0]
    whole = area_averages(picture, (48, 128))
    monkeypatch.setattr(module, "_VALUES_AT_ONCE", 1_000)
    for one, other in zip(whole, area_averages(picture, (48, 128)), strict=True):
        np.testing.assert_array_equal(one, other)


def test_sums_too_large_for_32_bits_are_exact() -> None:
    """Sums near a half, where one unit more or less decides the rounding."""
    picture = np.full((48 * 2_000, 48, 3), 200, np.uint8)
    picture[::2] = 201
    (halves,) = area_averages(picture, (48,))
    np.testing.assert_array_equal(halves, 200)  # to even
    picture[1::2_000] = 201
    (above,) = area_averages(picture, (48,))
    np.testing.assert_array_equal(above, 201)


@pytest.mark.parametrize(
    "picture",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)],
    ids=["grey", "with alpha", "floats", "empty"],
)
def test_what_is_no_picture_is_refused(picture: Picture) -> None:
    with pytest.raises(ValueError, match=r"a picture is \(h, w, 3\) uint8"):
        ReducedPicture(picture)
