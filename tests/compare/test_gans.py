"""A grid of GANs ends in a table of sizes, metrics and pictures."""

import csv
import json
from pathlib import Path

import pytest

from emotionart.cli.main import main as emotionart
from emotionart.cli.sweep import main
from emotionart.sweeps.plan import plan_jobs


def test_the_grid_of_gans_composes() -> None:
    from emotionart.config.compose import compose

    cells = plan_jobs(compose(["sweep=gan_grid"], "sweep").config, [], Path("anywhere"))
    assert len(cells) == 12
    assert not [mistake for cell in cells for mistake in cell.mistakes]


def test_gans_are_compared(tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny = [
        "data.count=160", "data.picture_size=32", "model.representation.size=16", "model.images=64",
        "model.report_every=32", "batch_size=8", "trainer.threads=1", "logger=none", f"cache={cache}",
        "generator.width=4", "discriminator.width=4",
    ]  # fmt: skip
    grid = ["grid={optimizer.lr_discriminator: [1e-4]}", f"folder={tmp_path}"]
    assert main(["sweep=gan_grid", *grid, *tiny]) == 0
    folder = tmp_path / "gan_grid"
    rows = list(csv.DictReader((folder / "table.csv").open()))
    assert len(rows) == 6
    for row, cell in zip(rows, json.loads((folder / "plan.json").read_text()), strict=True):
        result = json.loads((folder / cell["folder"] / "result.json").read_text())
        assert row["state"] == result["monitor"]["state"]
        assert int(row["generator_parameters"]) == result["parameters"]["generator"]
        assert float(row["gan/sign_real"]) == pytest.approx(result["metrics"]["gan/sign_real"], abs=1e-5)
    out = capsys.readouterr().out
    assert "s per 1,000 images" in out
    assert "at the end" in out
    assert "healthy" in out
    assert emotionart(["report", str(folder)]) == 0
    assert (folder / "report.html").read_text().count("Samples of ") == 6
