"""A GAN's discriminator sees pictures that are not square as `data.fit` says."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emotionart.config.compose import compose
from emotionart.data.pictures.decode import load_picture
from emotionart.run.data import build_generated, build_representation


@pytest.mark.parametrize("fit", ["squash", "crop", "pad"])
def test_pictures_of_a_folder(tmp_path: Path, fit: str) -> None:
    generator = np.random.default_rng(0)
    for number in range(20):
        picture = Image.fromarray(generator.integers(0, 256, (16, 48, 3), dtype=np.uint8))
        picture.save(tmp_path / f"{number:02d}.png")
    asked = [
        *("model=gan", "data=folder", f"data.path={tmp_path}", f"data.fit={fit}", "data.near_duplicates=null"),
        *("model.representation.size=16", f"cache={tmp_path}/cache"),
    ]
    config = compose(asked).config
    artworks = build_generated(config, build_representation(config).size)
    shown = {artworks.pixels[row].tobytes() for row in artworks.row}
    whole = {number: load_picture(tmp_path / f"{number:02d}.png") for number in range(20)}
    middles = {picture[:, 16:32].tobytes() for picture in whole.values()}
    assert len(shown) == 20
    assert (shown == middles) == (fit == "crop")
    if fit == "pad":  # bars above and below
        assert all((artworks.pixels[row][0] == artworks.pixels[row][0, 0]).all() for row in artworks.row)
