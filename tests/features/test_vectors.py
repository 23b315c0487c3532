import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from emotionart.data.pictures.decode import load_picture
from emotionart.features.colour import LANDMARKS, parse_hex
from emotionart.features.vectors import FEATURE_SETS, GROUPS, FeatureSettings, compute, feature_groups, feature_names
from tests.features.pictures import FLAT, FLIPS, Picture, flat, photographs, portraits

EVERYTHING = ["cvfc13", "machajdik"]

# "ssim" compares aligned windows and so is not mirror-invariant.
MIRROR_INVARIANT = [FeatureSettings(hard_soft="separate"), FeatureSettings(colour_difference="ciede2000")]


def as_jpeg(picture: Picture, quality: int) -> Picture:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def test_cvfc13_is_thirteen_named_columns() -> None:
    assert feature_names(["cvfc13"]) == (
        "brightness",
        *("texture_ripple", "texture_blot", "texture_grain", "texture_stripe"),
        *(f"palette_{name}" for name in ("happy", "sad", "angry", "calm", "pale", "muted", "dark", "violet")),
    )


def test_sets_are_joined_in_order_and_nothing_comes_twice() -> None:
    assert feature_groups(["tamura", "cvfc13", "texture"]) == ("tamura", "brightness", "texture", "colour")
    assert set(FEATURE_SETS["cvfc13"]) | set(FEATURE_SETS["machajdik"]) == set(GROUPS)
    names = feature_names(EVERYTHING)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", FEATURE_SETS)
@pytest.mark.parametrize(
    "chosen",
    [FeatureSettings(), FeatureSettings("ssim", "separate", "ciede2000", ("sad",)), FeatureSettings("ssim", "colour")],
)
def test_a_set_has_as_many_numbers_as_names(name: str, chosen: FeatureSettings) -> None:
    values = compute(photographs()[0], [name], chosen)
    assert values.dtype == np.float32
    assert values.shape == (len(feature_names([name], chosen)),)


def test_a_subset_of_landmarks_keeps_their_numbers_and_order() -> None:
    picture = photographs()[0]
    every = dict(zip(feature_names(["colour"]), compute(picture, ["colour"]).tolist(), strict=True))
    chosen = FeatureSettings(landmarks=("violet", "happy"))
    assert feature_names(["colour"], chosen) == ("palette_violet", "palette_happy")
    assert compute(picture, ["colour"], chosen).tolist() == [every["palette_violet"], every["palette_happy"]]


def test_unknown_names_are_refused_with_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"no feature set tamurra, x; there are cvfc13, machajdik, brightness"):
        feature_groups(["tamurra", "cvfc13", "x"])
    with pytest.raises(ValueError, match="no feature set is named"):
        compute(photographs()[0], [])
    with pytest.raises(ValueError, match=r"similarity is 'sim', not one of stsim, ssim"):
        FeatureSettings(similarity="sim")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"hard_soft is 'x', not one of map, colour, separate"):
        FeatureSettings(hard_soft="x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"no landmark palette hapy; there are happy, sad"):
        FeatureSettings(landmarks=("hapy",))
    for landmarks in ((), ("sad", "sad")):
        with pytest.raises(ValueError, match="at least one palette, each once"):
            FeatureSettings(landmarks=landmarks)


def test_the_same_picture_gives_the_same_bits() -> None:
    for picture in photographs():
        np.testing.assert_array_equal(compute(picture, EVERYTHING), compute(picture.copy(), EVERYTHING))


@pytest.mark.parametrize("flip", FLIPS.values(), ids=FLIPS)
@pytest.mark.parametrize("chosen", MIRROR_INVARIANT)
def test_a_mirrored_picture_gives_the_same_vector(flip, chosen: FeatureSettings) -> None:  # type: ignore[no-untyped-def]
    for picture in photographs():
        one, other = compute(picture, EVERYTHING, chosen), compute(flip(picture), EVERYTHING, chosen)
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(compute(picture, ["colour"]), compute(flip(picture), ["colour"]))


@pytest.mark.parametrize("colour", FLAT)
@pytest.mark.parametrize("similarity", ["stsim", "ssim"])
def test_flat_pictures_are_finite(colour: tuple[int, int, int], similarity) -> None:  # type: ignore[no-untyped-def]
    for hard_soft in ("map", "colour", "separate"):
        values = compute(flat(colour), EVERYTHING, FeatureSettings(similarity, hard_soft))  # type: ignore[arg-type]
        assert np.isfinite(values).all()


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(1, 200),
    width=st.one_of(st.integers(1, 200), st.integers(1_000, 5_000)),
    low=st.integers(0, 255),
    spread=st.integers(0, 255),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_size_and_content_is_finite_and_mirrors(height: int, width: int, low: int, spread: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    picture = draw.integers(low, min(low + spread, 255) + 1, (height, width, 3)).astype(np.uint8)
    values = compute(picture, EVERYTHING)
    assert np.isfinite(values).all()
    # Shares of a nearly empty detail (depth of field) are quotients of rounding errors of single precision.
    np.testing.assert_allclose(values, compute(picture[:, ::-1], EVERYTHING), rtol=1e-4, atol=1e-4)


@settings(max_examples=40, deadline=None)
@given(
    mode=st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F"]),
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    seed=st.integers(0, 2**32 - 1),
)
def test_files_of_every_pixel_type_are_finite(mode: str, height: int, width: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    if mode in ("I;16", "F"):
        image = Image.fromarray(draw.integers(0, 2**16, (height, width)).astype({"I;16": "u2", "F": "f4"}[mode]))
    else:
        image = Image.fromarray(draw.integers(0, 256, (height, width, 3), np.uint8))
        image = image.convert(mode)
    file = io.BytesIO()
    image.save(file, "TIFF")
    assert np.isfinite(compute(load_picture(file.getvalue()), EVERYTHING)).all()


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint16, np.float32, np.float64])
def test_arrays_of_other_types_are_refused(dtype: type) -> None:
    with pytest.raises(ValueError, match=r"a picture is \(h, w, 3\) uint8"):
        compute(np.zeros((4, 4, 3), dtype), ["cvfc13"])  # type: ignore[arg-type]


def test_a_landmark_palette_is_at_no_distance_from_itself_as_a_picture() -> None:
    for name, colours in LANDMARKS.items():
        stripes = np.repeat(parse_hex(colours), [50, 50, 50, 50, 40], axis=0)[None].repeat(240, axis=0)
        values = dict(zip(feature_names(["colour"]), compute(stripes, ["colour"]).tolist(), strict=True))
        assert min(values, key=values.__getitem__) == f"palette_{name}"
        assert values[f"palette_{name}"] == pytest.approx(0, abs=1e-3)


def test_noise_that_nobody_sees_moves_no_hue() -> None:
    """In deviations over portraits, also of pictures that are nearly grey (a tenth of their colour left)."""
    draw, groups = np.random.default_rng(0), ["hue", "thirds", "wavelet", "depth_of_field"]
    pictures = portraits(40)
    spread = np.array([compute(picture, groups) for picture in pictures]).std(axis=0)
    greyed = [(p.mean(axis=2, keepdims=True) * 0.9 + p * 0.1).round().astype(np.uint8) for p in pictures[::4]]
    for picture in [*pictures[::4], *greyed]:
        noisy = (picture + draw.normal(0, 1, picture.shape)).round().clip(0, 255).astype(np.uint8)
        moved = np.abs(compute(noisy, groups) - compute(picture, groups)) / spread
        assert moved.max() < 1


def test_on_real_pictures_the_vector_is_rich_and_stands_recompression() -> None:
    """Measured on 100 portraits: effective rank 6.7, largest correlation .87, recompressed (40) at least .98."""
    pictures = portraits(100)
    values = np.array([compute(picture, ["cvfc13"]) for picture in pictures])
    correlation = np.corrcoef(values.T)
    shares = np.linalg.eigvalsh(correlation) / len(correlation)
    assert np.exp(-(shares * np.log(shares)).sum()) > 6
    assert np.abs(correlation - np.eye(13)).max() < 0.9
    worse = np.array([compute(as_jpeg(picture, 40), ["cvfc13"]) for picture in pictures])
    assert min(np.corrcoef(values[:, i], worse[:, i])[0, 1] for i in range(13)) > 0.95


def test_hardness_by_colour_copies_brightness_and_by_map_does_not() -> None:
    pictures = portraits(100)
    brightness = np.array([compute(picture, ["brightness"])[0] for picture in pictures])

    def largest(hard_soft) -> float:  # type: ignore[no-untyped-def]
        texture = np.array([compute(p, ["texture"], FeatureSettings(hard_soft=hard_soft)) for p in pictures])
        return max(abs(np.corrcoef(brightness, column)[0, 1]) for column in texture.T)

    assert largest("colour") > 0.8
    assert largest("map") < 0.5
