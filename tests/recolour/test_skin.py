import numpy as np
import pytest

from emotionart.recolour.skin import KEPT_CHROMA, protect_skin, skin_likeness


def polar(lightness: float, chroma: float, hues: np.ndarray) -> np.ndarray:
    angles = np.deg2rad(hues)
    lab = [np.full_like(angles, lightness), chroma * np.cos(angles), chroma * np.sin(angles)]
    return np.stack(lab, axis=-1).astype(np.float32)


def test_skin_is_skin_and_blue_grey_and_black_are_not() -> None:
    skin = polar(65, 22, np.array([40.0, 55, 70]))
    np.testing.assert_allclose(skin_likeness(skin), 1)
    np.testing.assert_allclose(skin_likeness(polar(65, 22, np.array([150.0, 260, 340]))), 0)
    np.testing.assert_allclose(skin_likeness(polar(65, 2, np.array([55.0]))), 0)
    np.testing.assert_allclose(skin_likeness(polar(10, 22, np.array([55.0]))), 0)


@pytest.mark.parametrize("angle", [0.0, 15.0, 40.0])
def test_skin_turns_by_at_most_the_angle_wherever_it_would_go_and_keeps_half_its_chroma(angle: float) -> None:
    targets = np.random.default_rng(0).uniform(-100, 100, (2_000, 2)).astype(np.float32)
    lab = polar(60, 25, np.random.default_rng(1).uniform(35, 75, 2_000))
    spared = protect_skin(lab, targets, skin_likeness(lab), angle)
    turned = np.rad2deg(np.angle((spared @ [1, 1j]) / (lab[:, 1:] @ [1, 1j])))
    assert np.abs(turned).max() == pytest.approx(angle, abs=0.01)
    assert (np.linalg.norm(spared, axis=1) >= KEPT_CHROMA * 25 - 1e-3).all()


def test_what_does_not_move_or_is_no_skin_is_left_alone() -> None:
    lab = polar(60, 25, np.arange(0.0, 360, 5))
    np.testing.assert_allclose(protect_skin(lab, lab[:, 1:], skin_likeness(lab), 15), lab[:, 1:], atol=1e-4)
    blue = polar(60, 25, np.arange(180.0, 300, 5))
    targets = np.full((len(blue), 2), 30, np.float32)
    np.testing.assert_array_equal(protect_skin(blue, targets, skin_likeness(blue), 15), targets)


def test_near_colours_stay_near() -> None:
    """Along the circle of hues in steps of 0.1°, and along chroma and lightness, to the opposite colour."""
    ways = [
        polar(60, 40, np.arange(0, 360, 0.1)),
        np.concatenate([polar(60, chroma, np.array([55.0])) for chroma in np.arange(0, 60, 0.07)]),
        np.concatenate([polar(lightness, 30, np.array([55.0])) for lightness in np.arange(0, 100, 0.07)]),
    ]
    for lab in ways:
        spared = protect_skin(lab, lab[:, 1:] + np.array([-60, -60], np.float32), skin_likeness(lab), 15)
        steps = np.linalg.norm(np.diff(spared, axis=0), axis=1)
        assert steps.max() < 12 * np.linalg.norm(np.diff(lab, axis=0), axis=1).max()
