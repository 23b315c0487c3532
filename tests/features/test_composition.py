import numpy as np
import pytest
from scipy import ndimage

from emotionart.features.colour import dominant_colours, rgb_to_lab
from emotionart.features.composition import dynamics, level_of_detail, thirds
from emotionart.features.hue import hsy
from tests.features.pictures import flat, photographs


def stripes(angle: float) -> np.ndarray:
    y, x = np.mgrid[:128, :128]
    turn = np.deg2rad(angle)
    return (0.5 + 0.5 * np.sin((x * np.cos(turn) + y * np.sin(turn)) / 3)).astype(np.float32)


def test_regions_are_scipys() -> None:
    picture = photographs()[0][:96:2, :96:2].copy()
    lab, palette = rgb_to_lab(picture), dominant_colours(picture)
    nearest = np.linalg.norm(lab[:, :, None] - palette.lab, axis=3).argmin(axis=2)
    sizes: list[int] = []
    for colour in range(5):
        regions, count = ndimage.label(nearest == colour)
        sizes += np.bincount(regions.ravel(), minlength=count + 1)[1:].tolist()
    np.testing.assert_allclose(level_of_detail(lab, palette), np.array([len(sizes), max(sizes)]) / nearest.size)


def test_a_flat_picture_is_one_region() -> None:
    picture = flat((9, 80, 200), 48, 48)
    found = level_of_detail(rgb_to_lab(picture), dominant_colours(picture))
    np.testing.assert_allclose(found, [1 / 48**2, 1])


@pytest.mark.parametrize(("angle", "slanted"), [(0, 0.0), (90, 0.0), (45, 1.0), (-45, 1.0)])
def test_slanted_lines_move_and_upright_ones_do_not(angle: float, slanted: float) -> None:
    assert dynamics(stripes(angle))[1] == pytest.approx(slanted, abs=0.03)


def test_the_middle_third_alone_counts() -> None:
    picture = flat((10, 20, 30), 120, 120)
    picture[38:82, 38:82] = (255, 0, 0)
    cosine, sine, saturation, luma = thirds(hsy(picture))
    assert (cosine, sine, saturation) == pytest.approx((1, 0, 1), abs=1e-6)
    assert luma == pytest.approx(0.299)
