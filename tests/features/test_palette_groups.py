"""Colour names and Itten's contrasts, both of a handful of colours."""

import numpy as np
import pytest

from emotionart.features.colour import Palette, parse_hex, rgb_to_lab
from emotionart.features.colour_names import SHADES, colour_name_shares
from emotionart.features.itten import CONTRASTS, itten_contrasts


def contrasts(palette: Palette) -> dict[str, float]:
    return dict(zip(CONTRASTS, itten_contrasts(palette).tolist(), strict=True))


def two(first: list[float], second: list[float], share: float = 0.5) -> Palette:
    return Palette(np.array([first, second], float), np.array([share, 1 - share]))


def test_eleven_names_share_the_picture() -> None:
    assert len(SHADES) == 11
    colours = parse_hex(["FF0000", "FF0000", "00FF00", "FFFFFF"])
    shares = dict(zip(SHADES, colour_name_shares(rgb_to_lab(colours)).tolist(), strict=True))
    assert {name: share for name, share in shares.items() if share} == {"red": 0.5, "green": 0.25, "white": 0.25}


@pytest.mark.parametrize(
    ("rgb", "name"),
    [("FFC0CB", "pink"), ("FFA500", "orange"), ("8B4513", "brown"), ("0000CD", "blue"), ("87CEEB", "blue"),
     ("A9A9A9", "grey"), ("FFFF00", "yellow"), ("800080", "purple"), ("101010", "black"), ("006400", "green")],
)  # fmt: skip
def test_everyday_colours_bear_their_names(rgb: str, name: str) -> None:
    shares = colour_name_shares(rgb_to_lab(parse_hex([rgb])))
    assert list(SHADES)[int(shares.argmax())] == name


def test_one_colour_has_no_contrast_but_of_extension() -> None:
    found = contrasts(Palette(np.array([[50.0, 30, 20]]), np.array([1.0])))
    assert found.pop("extension") == 1
    assert list(found.values()) == pytest.approx([0] * 5)


def test_light_beside_dark() -> None:
    found = contrasts(two([90, 0, 0], [10, 0, 0], share=0.25))
    assert found["light_dark"] == pytest.approx(2 * 0.25 * 0.75 * 0.8)
    assert found["hue"] == found["complementary"] == found["saturation"] == 0


def test_complements_oppose_each_other_and_neighbours_do_not() -> None:
    opposed, near = contrasts(two([50, 40, 0], [50, -40, 0])), contrasts(two([50, 40, 0], [50, 40, 4]))
    assert opposed["complementary"] == pytest.approx(2 * 0.25 * 0.4)
    assert opposed["hue"] == pytest.approx(1)
    assert near["complementary"] < 0.01
    assert near["hue"] < 0.01


def test_strong_beside_grey_and_warm_beside_cool() -> None:
    assert contrasts(two([50, 60, 0], [50, 0, 0]))["saturation"] == pytest.approx(2 * 0.25 * 0.6)
    warm_cool = contrasts(two([60, 40, 50], [60, -40, -50]))["cold_warm"]
    assert warm_cool > contrasts(two([60, 40, 50], [60, 40, 40]))["cold_warm"]


def test_five_equal_shares_extend_alike() -> None:
    palette = Palette(np.random.default_rng(0).uniform(0, 50, (5, 3)), np.full(5, 0.2))
    assert contrasts(palette)["extension"] == pytest.approx(0)
