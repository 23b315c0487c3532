import numpy as np
import pytest

from emotionart.features.brightness import hsp_brightness
from emotionart.features.picture import ReducedPicture
from emotionart.features.texture import similarities
from emotionart.figures.picture import _USUAL, explain
from tests.features.pictures import FLAT, flat, photographs, portraits


def words(figure) -> list[str]:  # type: ignore[no-untyped-def]
    return [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]


def test_it_shows_the_numbers_that_are_computed() -> None:
    picture = photographs()[0]
    reduced = ReducedPicture(picture)
    shown = words(explain(picture, "astronaut"))
    assert any("astronaut" in text for text in shown)
    assert any(f"Brightness {hsp_brightness(reduced.fine):.2f}" in text for text in shown)
    assert all(f"{share:.0%}" in shown for share in reduced.palette.weights if share > 0.05)


def test_the_map_that_stands_out_is_marked_and_the_nearest_palette_comes_first() -> None:
    x = np.arange(128)[None].repeat(128, axis=0)
    stripes = np.where(x // 8 % 2, 40, 210).astype(np.uint8)[..., None].repeat(3, axis=2)
    figure = explain(stripes, "stripes")
    bold = [text.get_text() for text in figure.findobj(lambda a: getattr(a, "get_fontweight", str)() == "bold")]
    assert len(bold) == 1
    assert bold[0].startswith("stripe")
    names = [text for text in words(figure) if text in ("sad", "happy", "pale", "dark")]
    assert names.index("sad") < names.index("happy")


def test_what_is_usual_is_what_portraits_have() -> None:
    found = np.array([similarities(ReducedPicture(picture).luma) for picture in portraits(120)])
    mean, deviation = np.array(list(_USUAL.values())).T
    np.testing.assert_allclose(found.mean(axis=0), mean, atol=0.006)
    np.testing.assert_allclose(found.std(axis=0), deviation, atol=0.006)


@pytest.mark.parametrize("colour", FLAT)
def test_flat_pictures_of_one_pixel_can_be_drawn(colour: tuple[int, int, int]) -> None:
    figure = explain(flat(colour, 1, 1), "one pixel")
    assert "100%" in words(figure)
