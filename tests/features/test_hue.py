import colorsys

import numpy as np
import pytest

from emotionart.features.hue import FAINT, colourfulness, hsy, hue_statistics, luma, saturation_and_luma
from tests.features.pictures import Picture, flat, photographs


def of_hues(*degrees: float) -> Picture:
    rows = [[round(255 * v) for v in colorsys.hsv_to_rgb(d / 360, 1, 1)] for d in degrees]
    return np.array(rows, np.uint8)[None].repeat(4, axis=0)


@pytest.mark.parametrize(("colour", "degrees"), [((255, 0, 0), 0), ((0, 255, 0), 120), ((0, 0, 255), -120)])
def test_primaries_have_their_hues(colour: tuple[int, int, int], degrees: float) -> None:
    hue = hsy(flat(colour)).hue
    np.testing.assert_allclose(np.rad2deg(np.angle(hue)), degrees, atol=1e-4)
    np.testing.assert_allclose(np.abs(hue), 1, atol=1e-6)


def test_the_mean_of_350_and_10_degrees_is_0_not_180() -> None:
    cosine, sine, length, *_ = hue_statistics(hsy(of_hues(350, 10)))
    assert np.rad2deg(np.arctan2(sine, cosine)) == pytest.approx(0, abs=0.5)
    assert length == pytest.approx(np.cos(np.deg2rad(10)), abs=0.01)


def test_opposite_hues_cancel() -> None:
    assert hue_statistics(hsy(of_hues(0, 180)))[2] == pytest.approx(0, abs=1e-6)


def test_weak_colours_count_less() -> None:
    """Half red, half a green of saturation 5/255, whose hue counts for half: both by half, and by 255 to 5."""
    picture = np.concatenate([flat((255, 0, 0)), flat((100, 105, 100))])
    plain, weighted = hue_statistics(hsy(picture))[[0, 3]]
    share = 5 / 255 / FAINT
    assert plain == pytest.approx((1 - share / 2) / 2, abs=1e-5)
    assert weighted == pytest.approx((255 - 5 / 2) / 260, abs=1e-5)


def test_greys_have_no_hue_and_near_greys_hardly_one() -> None:
    np.testing.assert_array_equal(hue_statistics(hsy(flat((77, 77, 77)))), 0)
    reddish = 2 / 255 / FAINT
    np.testing.assert_allclose(hue_statistics(hsy(flat((79, 77, 77)))), [reddish, 0, reddish] * 2, atol=1e-6)


def test_saturation_and_luma_are_means_and_deviations() -> None:
    picture = photographs()[0]
    saturation = (picture.max(axis=2).astype(float) - picture.min(axis=2)) / 255
    grey = picture @ [0.299, 0.587, 0.114] / 255
    expected = [saturation.mean(), saturation.std(), grey.mean(), grey.std()]
    np.testing.assert_allclose(saturation_and_luma(hsy(picture)), expected, atol=1e-6)
    np.testing.assert_allclose(luma(picture), grey, atol=1e-6)


def test_colourfulness_keeps_the_sign_of_its_differences() -> None:
    """Half red, half green: |rg| has no spread, rg has all there is."""
    picture = np.concatenate([flat((255, 0, 0)), flat((0, 255, 0))])
    # rg = ±255, mean 0; yb = 127.5 throughout
    assert colourfulness(picture) == pytest.approx(255 + 0.3 * 127.5)
    assert colourfulness(flat((90, 90, 90))) == 0
