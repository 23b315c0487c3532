"""Pictures as W&B gets them, by their size."""

from pathlib import Path

import numpy as np
from PIL import Image

from emotionart.run.tracking.session import open_logger
from tests.wandb_log import read_offline_runs


def test_pictures_of_pictures_are_sent_small_and_drawings_as_they_are(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1500, 600, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "grid.png")
    Image.new("RGB", (1500, 600), "white").save(tmp_path / "drawing.png")
    settings = {"mode": "offline", "project": "emotionart", "entity": None, "tags": []}
    with open_logger(settings, tmp_path, config={}) as logger:
        logger.log_image("grid", tmp_path / "grid.png")
        logger.log_image("drawing", tmp_path / "drawing.png")
        logger.log_table("table", ["picture"], [[noise[:224, :224]], [noise[:16, :16]]])
    (logged,) = read_offline_runs(tmp_path)
    sizes = {key: row[key] for row in logged.history for key in row if key.endswith(("/width", "/height", "/format"))}
    assert (sizes["grid/height"], sizes["grid/width"], sizes["grid/format"]) == (1024, 410, "jpg")
    assert (sizes["drawing/width"], sizes["drawing/format"]) == (1500, "png")
    cells = [Image.open(path) for name, path in logged.artifacts.items() if name.startswith("media/images/")]
    assert sorted((picture.format, picture.size) for picture in cells) == [("JPEG", (16, 16)), ("JPEG", (128, 128))]
