import numpy as np
import pytest
from scipy.ndimage import binary_erosion
from skimage.color import rgb2lab

from emotionart.features.colour import LANDMARKS, landmark, palette_distances
from emotionart.features.picture import ReducedPicture
from emotionart.recolour.transfer import recolour
from tests.features.pictures import photographs, portraits


def ramps() -> dict[str, np.ndarray]:
    rise = np.linspace(0, 255, 256)
    grey = np.stack([rise] * 3, axis=-1)
    hues = np.deg2rad(np.linspace(0, 360, 256))
    wheel = 128 + 90 * np.stack([np.cos(hues), np.cos(hues - 2.1), np.cos(hues + 2.1)], axis=-1)
    colours = {
        "black to white": grey,
        "orange to blue": np.stack([rise, np.full(256, 140), rise[::-1]], axis=-1),
        "skin to black": grey * [0.9, 0.7, 0.55],
        "the hues": wheel,
    }
    return {name: np.rint(line)[None].repeat(64, axis=0).astype(np.uint8) for name, line in colours.items()}


def steps(picture: np.ndarray) -> np.ndarray:
    return np.linalg.norm(np.diff(rgb2lab(picture), axis=1), axis=-1)


@pytest.mark.parametrize("target", LANDMARKS)
@pytest.mark.parametrize("name", ramps())
def test_a_ramp_has_no_bands_and_its_light_keeps_its_order(name: str, target: str) -> None:
    ramp = ramps()[name]
    moved = recolour(ramp, landmark(target))
    lightness = rgb2lab(ramp)[..., 0], rgb2lab(moved)[..., 0]
    assert np.abs(lightness[1] - lightness[0]).max() < 1
    if name in ("black to white", "skin to black"):
        assert np.diff(lightness[1], axis=1).min() > -0.7  # two colours of one lightness, each rounded to 8 bits
    # A band would show as a step much larger than the ramp's own.
    assert steps(moved).max() < 3.5 * steps(ramp).max() + 1.5


def test_strength_0_is_the_picture_and_more_of_it_goes_farther() -> None:
    for picture in photographs()[:2]:
        np.testing.assert_array_equal(recolour(picture, landmark("calm"), 0), picture)
        moved = [np.abs(rgb2lab(recolour(picture, landmark("calm"), s)) - rgb2lab(picture)).mean() for s in (0.5, 1)]
        assert 0 < moved[0] < moved[1]


def test_what_is_lighter_stays_lighter() -> None:
    for picture in photographs()[:2]:
        before = rgb2lab(picture)[..., 0].ravel()
        for target in ("happy", "angry"):
            after = rgb2lab(recolour(picture, landmark(target)))[..., 0].ravel()
            assert np.abs(after - before).max() < 1.5
            assert np.diff(after[np.argsort(before, kind="stable")]).min() > -2.5


def test_two_flat_halves_stay_flat_up_to_the_edge() -> None:
    picture = np.full((80, 80, 3), (120, 90, 200), np.uint8)
    picture[:, 37:] = (60, 140, 70)
    moved = recolour(picture, landmark("happy"))
    for half in (np.s_[:, :37], np.s_[:, 37:]):
        assert np.linalg.norm(rgb2lab(moved[half]) - rgb2lab(moved[half]).mean(axis=(0, 1)), axis=-1).max() < 3


def test_the_palette_comes_nearer_to_the_landmarks_on_portraits() -> None:
    before, after = [], []
    for picture in portraits(5):
        for target in ("happy", "calm"):
            for found, version in ((before, picture), (after, recolour(picture, landmark(target)))):
                found.append(palette_distances(ReducedPicture(version).palette, landmark(target)[None])[0])
    nearer = np.array(before) - after
    assert (nearer > 0).mean() > 0.8
    assert nearer.mean() > 0.05


def test_faces_keep_their_hue() -> None:
    """Where all around is skin, no pixel turns by more than the angle and what rounding adds."""
    for picture in photographs()[:1]:
        lab = rgb2lab(picture)
        hue, chroma = np.angle(lab @ [0, 1, 1j], deg=True), np.hypot(lab[..., 1], lab[..., 2])
        skin = binary_erosion((hue > 36) & (hue < 74) & (chroma > 12) & (lab[..., 0] > 35), iterations=5)
        assert skin.mean() > 0.01
        for angle, least, most in ((15, 10, 15 + 4), (90, 60, 180)):
            moved = rgb2lab(recolour(picture, landmark("sad"), skin_angle=angle))[skin]
            turned = np.angle((moved @ [0, 1, 1j]) / (lab[skin] @ [0, 1, 1j]), deg=True)
            assert least < np.abs(turned).max() <= most


def test_a_picture_of_one_pixel_and_of_one_colour_work() -> None:
    for shape in ((1, 1, 3), (1, 700, 3), (9, 5, 3)):
        assert recolour(np.full(shape, 77, np.uint8), landmark("violet")).shape == shape
