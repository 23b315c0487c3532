import numpy as np
from matplotlib.colors import to_rgb

from emotionart.figures import heatmaps


def picture() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)


def test_where_a_map_is_zero_the_picture_is_grey_and_nothing_else() -> None:
    found = heatmaps.overlay(picture(), np.zeros((4, 4)), 1.0)
    luma = picture() @ np.array([0.299, 0.587, 0.114])
    assert (found[..., 0] == found[..., 2]).all()
    assert np.abs(found[..., 0] - luma).max() <= 0.5
    assert (heatmaps.overlay(picture(), np.ones((4, 4)), 0.0) == found).all(), "a flat scale divides by nothing"


def test_orange_speaks_for_a_class_and_blue_against_it() -> None:
    grey = np.full((32, 32, 3), 128, np.uint8)
    signed = np.array([[1.0, -1.0]])
    found = heatmaps.overlay(grey, signed, 1.0).astype(float)
    for column, colour in ((0, heatmaps.FOR), (-1, heatmaps.AGAINST)):
        expected = 0.85 * np.array(to_rgb(colour)) * 255 + 0.15 * 128
        np.testing.assert_allclose(found[0, column], expected, atol=1)


def test_all_maps_of_a_picture_share_one_scale() -> None:
    several = np.array([[[[1.0]], [[-4.0]]], [[[0.5]], [[0.25]]]])
    assert heatmaps.scales(several).tolist() == [4.0, 0.5]
    grey = np.full((8, 8, 3), 128, np.uint8)
    strong, weak = (heatmaps.overlay(grey, np.array([[value]]), 4.0)[0, 0].astype(int) for value in (4.0, 1.0))
    assert np.abs(weak - 128).max() < np.abs(strong - 128).max() / 2
