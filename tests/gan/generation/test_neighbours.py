"""A training picture is its own neighbour; what was never trained on is farther away."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emotionart.config.compose import compose
from emotionart.data.artworks import Artworks
from emotionart.gan.generation.neighbours import nearest_training_pictures, read_artworks
from emotionart.pipeline import complete, run
from emotionart.run.data import build_generated
from tests.integration.test_gan import TINY


@pytest.fixture(scope="module")
def trained(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Artworks]:
    asked = [*TINY, "model.images=32", "logger=none", f"cache={cache}"]
    composed, folder = compose(asked), tmp_path_factory.mktemp("trained")
    run(composed, folder)
    return folder, build_generated(composed.config, 16)


def test_nearest(trained: tuple[Path, Artworks]) -> None:
    folder, artworks = trained
    rows = artworks.indices("train")[[5, 0]]
    found = nearest_training_pictures(read_artworks(folder), artworks.pixels[artworks.row[rows]])
    assert found.id.tolist() == artworks.id[rows].tolist()
    np.testing.assert_array_equal(found.pictures[:, 0], artworks.pixels[artworks.row[rows]])
    np.testing.assert_allclose(found.nearness, 0, atol=1e-3)
    heldout = artworks.pixels[artworks.row[artworks.indices("validation")]]
    found = nearest_training_pictures(artworks, heldout)
    assert np.quantile(found.nearness, 0.5, method="lower") == pytest.approx(1, abs=1e-3)
    assert set(found.id) <= set(artworks.id[artworks.indices("train")])


@pytest.mark.filterwarnings("error")
def test_where_held_out_pictures_are_copies_themselves_nothing_can_be_told(trained: tuple[Path, Artworks]) -> None:
    _, artworks = trained
    alike = replace(artworks, pixels=np.zeros_like(artworks.pixels))
    found = nearest_training_pictures(alike, alike.pixels[:2])
    assert found.nearness.tolist() == [np.inf, np.inf]


def test_the_report_shows_neighbours_while_the_training_pictures_are_there(cache: Path, tmp_path: Path) -> None:
    art, folder = tmp_path / "art", tmp_path / "run"
    for place in (art, folder):
        place.mkdir()
    for number, picture in enumerate(np.random.default_rng(0).integers(0, 256, (40, 16, 16, 3), dtype=np.uint8)):
        Image.fromarray(picture).save(art / f"{number}.png")
    players = [option for option in TINY if not option.startswith("data.")]
    asked = [
        *players, "data=folder", f"data.path={art}", "model.images=16", "logger=none", "figures=now", f"cache={cache}",
    ]  # fmt: skip
    composed = compose(asked)
    run(composed, folder)
    with Image.open(folder / "figures/nearest.png") as sheet:
        assert sheet.height == 2 + 8 * 66
        assert sheet.width > 2 + 5 * 66
    assert "below 0.4 is a copy" in (folder / "report.html").read_text()
    shutil.rmtree(art)
    (folder / "figures/nearest.png").unlink()
    assert complete(folder) == [], "nothing is missing that could be made"
    assert not (folder / "figures/nearest.png").exists()
    assert "Left out, because the training pictures could not be read." in (folder / "report.html").read_text()
