"""A training picture is its own neighbour; what was never trained on is farther away."""

from pathlib import Path

import numpy as np
import pytest

from emotionart.config.compose import compose
from emotionart.data.artworks import Artworks
from emotionart.gan.generation.neighbours import nearest_training_pictures
from emotionart.pipeline import run
from emotionart.run.data import build_generated
from tests.integration.test_gan import TINY


@pytest.fixture(scope="module")
def trained(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Artworks]:
    asked = [*TINY, "model.images=32", "logger=none", f"cache={cache}"]
    composed, folder = compose(asked), tmp_path_factory.mktemp("trained")
    run(composed.config, composed.choices, asked, folder)
    return folder, build_generated(composed.config, 16)


def test_nearest(trained: tuple[Path, Artworks]) -> None:
    folder, artworks = trained
    rows = artworks.indices("train")[[5, 0]]
    found = nearest_training_pictures(folder, artworks.pixels[artworks.row[rows]])
    assert found.id.tolist() == artworks.id[rows].tolist()
    np.testing.assert_array_equal(found.pictures[:, 0], artworks.pixels[artworks.row[rows]])
    np.testing.assert_allclose(found.nearness, 0, atol=1e-3)
    heldout = artworks.pixels[artworks.row[artworks.indices("validation")]]
    found = nearest_training_pictures(folder, heldout)
    assert np.quantile(found.nearness, 0.5, method="lower") == pytest.approx(1, abs=1e-3)
    assert set(found.id) <= set(artworks.id[artworks.indices("train")])
