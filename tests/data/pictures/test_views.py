import numpy as np
import pytest
from scipy.ndimage import rotate as scipy_rotate

from emotionart.data.pictures.views import parse_view, parse_views
from emotionart.errors import UserError


def smooth_picture() -> np.ndarray:
    y, x = np.mgrid[0:64, 0:64]
    return np.stack([128 + 100 * np.sin(x / 9), 128 + 100 * np.cos(y / 7), x + y], axis=2).round().astype(np.uint8)


def test_flip_is_the_mirror_image() -> None:
    picture = smooth_picture()
    assert (parse_view("flip")(picture) == np.fliplr(picture)).all()


def test_quarter_turns_lose_nothing() -> None:
    picture = smooth_picture()
    assert (parse_view("rotate:90")(picture) == np.rot90(picture)).all()


def test_rotation_agrees_with_scipy_away_from_the_border() -> None:
    picture = smooth_picture()
    expected = scipy_rotate(picture.astype(float), 10, axes=(0, 1), reshape=False, order=1, mode="mirror")
    inner = (slice(12, -12), slice(12, -12))
    assert np.abs(parse_view("rotate:10")(picture)[inner] - expected[inner]).max() < 3


@pytest.mark.parametrize("name", ["flop", "rotate:", "rotate:x", "rotate:nan", "rotate:inf", "blur"])
def test_an_unknown_view_is_named_with_the_valid_ones(name: str) -> None:
    with pytest.raises(UserError, match=f"There is no view '{name}'") as caught:
        parse_views(["identity", name])
    assert caught.value.suggestions


@pytest.mark.parametrize("names", [[], ["flip"]])
def test_the_first_view_is_the_identity(names: list[str]) -> None:
    with pytest.raises(UserError, match="view"):
        parse_views(names)
