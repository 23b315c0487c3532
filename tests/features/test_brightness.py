import numpy as np
import pytest

from emotionart.features.brightness import hsp_brightness
from tests.features.pictures import flat, photographs


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ((255, 0, 0), 0.5468),
        ((0, 255, 0), 0.7662),
        ((0, 0, 255), 0.3376),
        ((0, 0, 0), 0.0),
        ((255, 255, 255), 1.0),
        ((128, 128, 128), 128 / 255),
    ],
)
def test_known_colours(colour: tuple[int, int, int], expected: float) -> None:
    assert hsp_brightness(flat(colour)) == pytest.approx(expected, abs=5e-5)


def test_it_is_the_mean_of_the_pixels_own_brightness_not_the_brightness_of_the_mean() -> None:
    picture = photographs()[0]
    r, g, b = (picture[..., channel] / 255 for channel in range(3))
    expected = np.sqrt(0.299 * r**2 + 0.587 * g**2 + 0.114 * b**2).mean()
    assert hsp_brightness(picture) == pytest.approx(expected, rel=1e-6)
    assert hsp_brightness(np.concatenate([flat((0, 0, 0)), flat((255, 255, 255))])) == pytest.approx(0.5)
