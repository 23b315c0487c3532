import numpy as np
from skimage.color import lab2rgb, rgb2lab

from emotionart.features.colour import lab_to_linear_rgb, rgb_to_lab
from emotionart.recolour.gamut import lab_to_rgb

LEVELS = np.stack(np.meshgrid(*[np.arange(0, 256, 15, dtype=np.uint8)] * 3), axis=-1).reshape(-1, 3)


def test_every_colour_comes_back() -> None:
    np.testing.assert_array_equal(lab_to_rgb(rgb_to_lab(LEVELS)), LEVELS)


def test_within_the_gamut_it_is_scikit_images() -> None:
    lab = np.random.default_rng(0).uniform((0, -100, -100), (100, 100, 100), (20_000, 3)).astype(np.float32)
    linear = lab_to_linear_rgb(lab)
    shown = lab[((linear >= 0) & (linear <= 1)).all(axis=1)]
    assert len(shown) > 2_000
    assert np.abs(lab_to_rgb(shown) - 255 * lab2rgb(shown)).max() < 0.51


def test_outside_it_lightness_and_hue_stay_and_the_chroma_is_the_largest_there_is() -> None:
    lab = np.random.default_rng(0).uniform((20, -120, -120), (90, 120, 120), (5_000, 3)).astype(np.float32)
    linear = lab_to_linear_rgb(lab)
    outside = lab[((linear < -0.01) | (linear > 1.01)).any(axis=1)]
    rgb = lab_to_rgb(outside)
    found = rgb2lab(rgb)
    assert np.abs(found[:, 0] - outside[:, 0]).max() < 0.6  # a level of 8 bits
    # A level turns a hue by more, the greyer the colour is.
    across = (outside @ [0, 1, -1j] * (found @ [0, 1, 1j])).imag / np.linalg.norm(outside[:, 1:], axis=1)
    assert np.abs(across).max() < 1.5
    assert (np.linalg.norm(found[:, 1:], axis=1) < np.linalg.norm(outside[:, 1:], axis=1) + 1).all()
    assert ((rgb <= 3) | (rgb >= 252)).any(axis=1).mean() > 0.95  # at the gamut's surface
