from pathlib import Path

import pytest

from emotionart.data.pictures.endings import has_picture_ending


@pytest.mark.parametrize("name", ["a.jpg", "art/A.JPEG", "a.b.png", Path("art/a.webp"), "a.heic", "C:\\art\\a.tif"])
def test_names_that_end_like_pictures(name: str | Path) -> None:
    assert has_picture_ending(name)


@pytest.mark.parametrize("name", ["a", "", "a.txt", "art.jpg/a", ".jpg", "art/.jpg", "a.jpg.part", "a.pdf", "a.jpg "])
def test_names_that_do_not_end_like_pictures(name: str) -> None:
    assert not has_picture_ending(name)
