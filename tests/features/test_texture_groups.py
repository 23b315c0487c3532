"""Wavelets, Tamura's measures and co-occurrence of grey levels."""

import numpy as np
import pytest
from skimage.feature import graycomatrix, graycoprops

from emotionart.features.glcm import PROPERTIES, cooccurrence, glcm_properties
from emotionart.features.hue import hsy
from emotionart.features.picture import ReducedPicture
from emotionart.features.tamura import coarseness, contrast, directionality
from emotionart.features.wavelet import channel_details, depth_of_field, haar_details, wavelet_energy
from tests.features.pictures import Picture, flat, photographs


def checkerboard(cell: int) -> np.ndarray:
    y, x = np.mgrid[:128, :128] // cell
    return ((y + x) % 2 * 255).astype(np.uint8)


def reduced(index: int = 0) -> ReducedPicture:
    return ReducedPicture(photographs()[index])


def test_haar_keeps_the_energy() -> None:
    values = reduced().luma.astype(np.float64)
    *_, rest = values, values.reshape(16, 8, 16, 8).sum(axis=(1, 3)) / 8
    details = sum(float(np.square(level).sum()) for level in haar_details(values))
    assert details + np.square(rest).sum() == pytest.approx(np.square(values).sum())


def test_each_level_sees_its_own_scale() -> None:
    for level in range(3):
        means = [detail.mean() for detail in haar_details(checkerboard(2**level).astype(np.float32))]
        assert [mean > 0 for mean in means] == [index == level for index in range(3)]


def test_neighbouring_hues_across_zero_are_no_edge() -> None:
    """355° beside 5° differ by 10°, as 85° beside 95° do, not by 350°."""

    def energy(*colours: tuple[int, int, int]) -> float:
        picture: Picture = np.array(colours * 64, np.uint8)[None].repeat(128, axis=0)
        return float(wavelet_energy(channel_details(hsy(picture)))[0])

    across, red_cyan = energy((255, 0, 22), (255, 22, 0)), energy((255, 0, 0), (0, 255, 255))
    assert 0 < across < 0.1 * red_cyan


def test_depth_of_field_is_the_share_of_the_middle() -> None:
    ground = flat((128, 128, 128), 128, 128)
    assert depth_of_field(channel_details(hsy(ground))).tolist() == [0.25] * 3
    sharp = ground.copy()
    sharp[36:92, 36:92] = checkerboard(4)[36:92, 36:92, None]
    assert depth_of_field(channel_details(hsy(sharp)))[2] > 0.95


def test_coarseness_grows_with_the_pattern() -> None:
    blocks = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    values = [coarseness(np.kron(blocks, np.ones((cell, cell), np.uint8))[:128, :128]) for cell in (2, 4, 8, 16)]
    assert values == sorted(values)
    assert values[-1] > 2 * values[0]


def test_coarseness_of_one_edge_is_by_hand() -> None:
    """Corners within a block of the edge between black and white see it; all others see nothing: size 2."""
    picture = np.zeros((128, 128), np.uint8)
    picture[:, 64:] = 255
    sizes = np.full(129, 2.0)
    for corner in range(129):
        distance = abs(corner - 64)
        differences = [max(0, size - distance) / size for size in (2, 4, 8, 16, 32)]
        sizes[corner] = 2 ** (1 + int(np.argmax(differences)))
    assert coarseness(picture) == pytest.approx(sizes.mean())


def test_contrast_is_the_formula() -> None:
    values = reduced().luma.astype(np.float64)
    centred = values - values.mean()
    kurtosis = (centred**4).mean() / values.var() ** 2
    assert contrast(reduced().luma) == pytest.approx(values.std() / kurtosis**0.25, rel=1e-5)
    assert contrast(np.full((8, 8), 0.3, np.float32)) == 0


def test_stripes_have_a_direction_and_noise_has_none() -> None:
    stripes = np.sin(np.arange(128) / 3, dtype=np.float32)[None].repeat(128, axis=0)
    assert directionality(stripes) == pytest.approx(1)
    assert directionality(np.random.default_rng(0).uniform(size=(128, 128)).astype(np.float32)) < 0.05
    assert directionality(np.full((8, 8), 0.3, np.float32)) == 0


def test_glcm_is_scikit_images() -> None:
    grey = reduced().grey
    levels = (grey.astype(int) * 32 // 256).astype(np.uint8)
    angles = [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]
    expected = graycomatrix(levels, [1], angles, levels=32, symmetric=True, normed=True)
    np.testing.assert_allclose(cooccurrence(grey), expected.mean(axis=3)[:, :, 0])
    found = dict(zip(PROPERTIES, glcm_properties(grey).tolist(), strict=True))
    assert found["contrast"] == pytest.approx(graycoprops(expected, "contrast").mean())
    assert found["homogeneity"] == pytest.approx(graycoprops(expected, "homogeneity").mean())


def test_glcm_of_two_stripes_is_by_hand() -> None:
    """Neighbours differ by one level beside each other and diagonally, not above each other: ¾ of the pairs."""
    grey = np.tile(np.array([0, 8], np.uint8), (64, 32))
    contrast_, correlation, energy, homogeneity = glcm_properties(grey)
    assert contrast_ == pytest.approx(0.75)
    assert correlation == pytest.approx(-0.5, abs=0.01)
    assert energy == pytest.approx(np.sqrt(2 * 0.375**2 + 2 * 0.125**2), abs=0.01)
    assert homogeneity == pytest.approx(0.25 + 0.75 / 2)
