import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emotionart.data.pictures.decode import load_picture
from emotionart.data.pictures.pixels import open_pictures
from emotionart.data.survey.colours import find_colours
from emotionart.data.survey.pictures import sizes
from emotionart.data.survey.survey import survey
from emotionart.features.brightness import hsp_brightness
from emotionart.features.colour import rgb_to_lab
from tests.data.pictures.corpus import make_corpus


def test_a_survey_agrees_with_the_decoded_pictures(tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path)
    paths = [str(odd.path) for odd in corpus]
    cache = tmp_path / "cache"
    found, pictures, colours = (
        survey(paths, cache),
        open_pictures(paths, 64, cache, "squash"),
        find_colours(paths, cache),
    )
    assert found.id.tolist() == pictures.id.tolist()
    assert found.reason.tolist() == pictures.reason.tolist()
    assert found.phash.tolist() == pictures.phash.tolist()
    assert np.count_nonzero(found.reason == "") > 35
    for row, odd in enumerate(corpus):
        if odd.expected is None:
            assert found.size[row].tolist() == [0, 0]
            continue
        height, width = load_picture(odd.path).shape[:2]
        assert found.size[row].tolist() == [width, height]
        assert found.pages[row] == (2 if odd.path.name == "pages.tif" else 1)
        assert colours.brightness[row] == pytest.approx(hsp_brightness(load_picture(odd.path)), abs=0.02)
        assert colours.palette[row, :, 3].sum() == pytest.approx(1)


def test_a_second_look_only_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, colour in (("a", "red"), ("b", "blue")):
        Image.new("RGB", (30, 20), colour).save(tmp_path / f"{name}.png")
    first, names = (
        find_colours([str(tmp_path / "a.png")], tmp_path / "cache"),
        [str(tmp_path / f"{n}.png") for n in "ab"],
    )
    red = rgb_to_lab(np.array([255, 0, 0], np.uint8))
    np.testing.assert_allclose(first.palette[0, 0], [*red, 1], atol=1e-3)
    assert survey(names, tmp_path / "cache").id.tolist() == [
        hashlib.blake2b(Path(name).read_bytes(), digest_size=16).hexdigest() for name in names
    ]
    looked: list[int] = []
    monkeypatch.setattr("emotionart.data.survey.colours.hsp_brightness", lambda picture: looked.append(1) or 0.5)
    again = find_colours(names, tmp_path / "cache")
    assert len(looked) == 1
    assert again.brightness.tolist() == [first.brightness[0], 0.5]


def test_bins_of_sizes_start_at_different_whole_numbers(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(6)]
    for path, side in zip(paths, (193, 194, 194, 195, 195, 195), strict=True):
        Image.new("RGB", (side, 100)).save(path)
    found = sizes(survey(list(map(str, paths)), tmp_path / "cache"), 12)
    assert found is not None
    assert [(bin["from"], bin["count"]) for bin in found["longer"]] == [("193", 1), ("194", 2), ("195", 3)]
