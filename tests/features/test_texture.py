import numpy as np
import pytest
from scipy import ndimage
from skimage.metrics import structural_similarity

from emotionart.features.hue import luma
from emotionart.features.picture import ReducedPicture
from emotionart.features.texture import (
    HARD_SOFT,
    band_statistics,
    compare_statistics,
    map_statistics,
    normalise,
    orientations,
    similarities,
    subbands,
    texture_features,
    texture_map,
)
from tests.features.pictures import FLAT, flat, photographs


def normalised(index: int = 0) -> np.ndarray:
    return normalise(ReducedPicture(photographs()[index]).luma)


def oracle_bands(x: np.ndarray) -> list[np.ndarray]:
    """By SciPy, in double precision."""
    sobel_x = np.outer([1, 2, 1], [-1, 0, 1]) / 8
    diagonal = np.array([[0, 1, 2], [-1, 0, 1], [-2, -1, 0]]) / 8
    bands, x = [], x.astype(np.float64)
    for _ in range(3):
        smooth = ndimage.gaussian_filter(x, 1, mode="mirror", radius=4)
        kernels = (sobel_x, sobel_x.T, diagonal, diagonal[:, ::-1])
        bands += [x - smooth, *(ndimage.correlate(x, kernel, mode="mirror") for kernel in kernels)]
        x = smooth.reshape(len(x) // 2, 2, -1, 2).mean(axis=(1, 3))
    return bands


@pytest.mark.parametrize("name", HARD_SOFT)
def test_a_map_has_mean_one_half_and_deviation_one_fifth(name: str) -> None:
    texture = texture_map(name)
    assert texture.shape == (128, 128)
    assert texture.mean(dtype=np.float64) == pytest.approx(0.5, abs=1e-6)
    assert texture.std(dtype=np.float64) == pytest.approx(0.2, abs=1e-6)


def test_maps_are_what_their_names_say() -> None:
    stripe, blot, ripple = texture_map("stripe"), texture_map("blot"), texture_map("ripple")
    assert np.unique(stripe.round(5)).size == np.unique(blot.round(5)).size == 2
    assert (stripe == stripe[0]).all()
    np.testing.assert_array_equal(stripe[0, :8] > 0.5, True)
    np.testing.assert_array_equal(stripe[0, 8:16] > 0.5, False)
    np.testing.assert_allclose(ripple[:, :64], ripple[:, 64:], atol=1e-5)
    assert HARD_SOFT == {"ripple": -1.0, "blot": -0.33, "grain": 0.33, "stripe": 1.0}


def test_the_noise_maps_have_not_changed() -> None:
    """A change of the generator would change the features under one version."""
    assert np.count_nonzero(texture_map("blot") > 0.5) == 7488
    corner = [[0.9366, 0.0863, 0.5847], [0.8977, 0.6827, 0.7827]]
    np.testing.assert_allclose(texture_map("grain")[:2, :3], corner, atol=1e-4)


def test_noise_falls_with_frequency_as_the_recipe_says() -> None:
    power = np.abs(np.fft.fft2(texture_map("grain") - 0.5)) ** 2
    frequency = np.hypot(np.fft.fftfreq(128)[:, None], np.fft.fftfreq(128))
    chosen = (frequency > 0.02) & (frequency < 0.5)
    slope, _ = np.polyfit(np.log(frequency[chosen]), np.log(power[chosen]), 1)
    assert slope == pytest.approx(-2 * 0.3, abs=0.05)


def test_normalised_luma_has_its_mean_and_deviation() -> None:
    values = normalise(np.random.default_rng(0).uniform(0.3, 0.5, (128, 128)).astype(np.float32))
    assert values.mean() == pytest.approx(0.5, abs=1e-5)
    assert values.std() == pytest.approx(0.2, abs=1e-5)
    assert normalised().min() >= 0
    assert normalised().max() <= 1


@pytest.mark.parametrize("colour", FLAT)
def test_flat_luma_stays_flat(colour: tuple[int, int, int]) -> None:
    np.testing.assert_allclose(normalise(luma(flat(colour, 128, 128))), 0.5, atol=1e-3)


def test_bands_and_their_statistics_are_scipys() -> None:
    x = normalised()
    bands = [band for level in subbands(x) for band in level]
    expected = oracle_bands(x)
    assert len(bands) == len(expected) == 15
    for found, band in zip(bands, expected, strict=True):
        np.testing.assert_allclose(found, band, atol=2e-5)
    for (deviation, along_x, along_y), band in zip(band_statistics(x), expected, strict=True):
        centred = band - band.mean()
        assert deviation == pytest.approx(band.std(), rel=1e-3)
        assert along_x == pytest.approx((centred[:, 1:] * centred[:, :-1]).sum() / (centred**2).sum(), abs=1e-3)
        assert along_y == pytest.approx((centred[1:] * centred[:-1]).sum() / (centred**2).sum(), abs=1e-3)


def test_similarity_is_the_formula() -> None:
    x, y = band_statistics(normalised(0)), band_statistics(normalised(1))
    terms = []
    for (sx, ax, bx), (sy, ay, by) in zip(x, y, strict=True):
        contrast = (2 * sx * sy + 1e-4) / (sx**2 + sy**2 + 1e-4)
        terms.append((contrast * (1 - abs(ax - ay) / 2) * (1 - abs(bx - by) / 2)) ** (1 / 3))
    assert compare_statistics(x, y) == pytest.approx(np.mean(terms), rel=1e-9)


def test_a_texture_is_most_like_itself() -> None:
    for row, name in enumerate(HARD_SOFT):
        found = similarities(texture_map(name))
        assert found.argmax() == row
        assert found[row] > 0.97
        own = band_statistics(normalise(texture_map(name)))
        assert compare_statistics(own, own) == pytest.approx(1)


def slanted() -> np.ndarray:
    """Noise with a falling diagonal: neither its mirror image nor its transpose looks the same."""
    noise = (
        np.random.default_rng(1).uniform(0, 1, (128, 128)) + np.eye(128) + np.tile(np.arange(128) % 5 == 0, (128, 1))
    )
    return normalise(ndimage.gaussian_filter(noise, 1).astype(np.float32))


def test_orientations_are_the_statistics_of_the_picture_mirrored_transposed_and_both() -> None:
    x = slanted()
    pictures = [x, x[:, ::-1], x.T, x[:, ::-1].T]
    expected = [band_statistics(np.ascontiguousarray(picture)) for picture in pictures]
    np.testing.assert_allclose(orientations(band_statistics(x)), expected, atol=1e-4)


def test_a_texture_is_as_like_the_maps_however_it_is_turned() -> None:
    x = slanted()
    for turned in (x[:, ::-1], np.rot90(x), np.rot90(x, 2), np.rot90(x[:, ::-1], 3)):
        np.testing.assert_allclose(similarities(np.ascontiguousarray(turned)), similarities(x), atol=1e-5)


@pytest.mark.parametrize("degrees", [0, 22.5, 45, 67.5, 90, 112.5, 135, 157.5])
def test_stripe_means_hard_regular_edges_in_any_direction(degrees: float) -> None:
    y, x = np.mgrid[:128, :128] + 0.5
    across = x * np.cos(np.deg2rad(degrees)) + y * np.sin(np.deg2rad(degrees))
    found = similarities((0.5 + 0.3 * np.sign(np.sin(2 * np.pi * across / 16))).astype(np.float32))
    assert list(HARD_SOFT)[found.argmax()] == "stripe"
    assert found.max() > 0.99


def test_the_first_orientation_of_a_map_is_its_own() -> None:
    assert map_statistics().shape == (4, 12, 15, 3)
    for statistics, name in zip(map_statistics(), HARD_SOFT, strict=True):
        np.testing.assert_array_equal(statistics[0], band_statistics(texture_map(name)))


def test_ssim_is_scikit_images_on_the_normalised_luma() -> None:
    picture = ReducedPicture(photographs()[2])
    grey = picture.luma.astype(np.float64)
    expected_luma = np.clip((grey - grey.mean()) / grey.std() * 0.2 + 0.5, 0, 1)
    found = similarities(picture.luma, "ssim")
    for value, name in zip(found, HARD_SOFT, strict=True):
        expected = structural_similarity(expected_luma, texture_map(name).astype(np.float64), data_range=1.0)
        assert value == pytest.approx(expected, abs=1e-5)


def test_hard_soft_belongs_to_the_map_to_the_colour_or_to_itself() -> None:
    grey = ReducedPicture(photographs()[0]).luma
    plain = similarities(grey)
    np.testing.assert_allclose(texture_features(grey, 0.7), plain * [-1, -0.33, 0.33, 1])
    np.testing.assert_allclose(texture_features(grey, 0.7, hard_soft="colour"), plain * 0.7)
    np.testing.assert_allclose(texture_features(grey, 0.7, hard_soft="separate"), [*plain, 0.7])
