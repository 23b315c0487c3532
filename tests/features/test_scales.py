import math

import numpy as np
import pytest

from emotionart.features.colour import Palette, rgb_to_lab
from emotionart.features.scales import (
    SCALES,
    active_passive,
    hard_soft,
    heavy_light,
    hue_angle,
    palette_scale,
    pleasure_arousal_dominance,
    warm_cool,
)

LAB = np.random.default_rng(0).uniform([0, -90, -90], [100, 90, 90], (50, 3))


def lab(*rgb: int) -> np.ndarray:
    return rgb_to_lab(np.array(rgb, np.uint8))


def test_the_formulas_scalar_by_scalar() -> None:
    for index, (lightness, a, b) in enumerate(LAB.tolist()):
        chroma, hue = math.hypot(a, b), math.degrees(math.atan2(b, a))
        warm = -0.5 + 0.02 * chroma**1.07 * math.cos(math.radians(hue - 50))
        assert warm_cool(LAB)[index] == pytest.approx(warm)
        assert heavy_light(LAB)[index] == pytest.approx(-2.1 + 0.05 * (100 - lightness))
        assert active_passive(LAB)[index] == pytest.approx(-1.1 + 0.03 * math.sqrt(chroma**2 + (lightness - 50) ** 2))
        hard = 11.1 + 0.03 * (100 - lightness) - 11.4 * max(chroma, 1) ** 0.02
        assert hard_soft(LAB)[index] == pytest.approx(hard)


def test_hue_angles_reach_all_four_quadrants() -> None:
    """Not atan(b/a), which takes blue for yellow."""
    colours = np.array([[50, a, b] for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1), (0, 1))], float)
    np.testing.assert_allclose(np.rad2deg(hue_angle(colours)), [45, 135, -135, -45, 90])


def test_hues_are_turned_in_degrees() -> None:
    """Warmest at 50°, coolest at 230°: degrees handed to cos would put both anywhere."""
    degrees = np.arange(0, 360)
    wheel = np.stack([np.full(360, 50.0), 40 * np.cos(np.deg2rad(degrees)), 40 * np.sin(np.deg2rad(degrees))], axis=1)
    assert warm_cool(wheel).argmax() == 50
    assert warm_cool(wheel).argmin() == 230


def test_orange_is_warm_blue_is_cool_black_is_heavy_and_hard() -> None:
    assert warm_cool(lab(255, 128, 0)) > 0 > warm_cool(lab(0, 90, 200))
    assert heavy_light(lab(0, 0, 0)) > 0 > heavy_light(lab(255, 255, 255))
    assert hard_soft(lab(0, 0, 0)) > hard_soft(lab(255, 200, 210))


@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES)
def test_greys_are_finite(scale) -> None:  # type: ignore[no-untyped-def]
    assert np.isfinite(scale(np.array([[0.0, 0, 0], [50, 0, 0], [100, 0, 0]]))).all()


def test_the_hardness_of_greys_is_that_of_a_chroma_of_one() -> None:
    assert hard_soft(np.array([50.0, 0, 0])) == pytest.approx(11.1 + 1.5 - 11.4)


def test_a_palettes_mean_and_deviation_are_weighted() -> None:
    palette = Palette(np.array([[20.0, 0, 0], [80, 0, 0]]), np.array([0.75, 0.25]))
    mean, deviation = palette_scale(palette, lambda colours: colours[..., 0])
    assert mean == pytest.approx(35)
    assert deviation == pytest.approx(math.sqrt(0.75 * 15**2 + 0.25 * 45**2))


def test_the_signs_of_pleasure_arousal_dominance() -> None:
    base = pleasure_arousal_dominance(0.4, 0.3)
    brighter = pleasure_arousal_dominance(0.5, 0.3) - base
    stronger = pleasure_arousal_dominance(0.4, 0.4) - base
    assert np.sign(brighter).tolist() == [1, -1, -1]
    assert np.sign(stronger).tolist() == [1, 1, 1]
    np.testing.assert_allclose(brighter / brighter[0], np.array([0.69, -0.31, -0.76]) / 0.69)
    np.testing.assert_allclose(stronger / stronger[0], np.array([0.22, 0.60, 0.32]) / 0.22)
