"""Events of TensorBoard, read back by its own reader."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from emotionart.config import validate
from emotionart.config.compose import compose
from emotionart.config.validate import check
from emotionart.run.tracking.logger import Logger
from emotionart.run.tracking.tensorboard import TensorBoard
from tests.wandb_log import read_offline_runs

Run = Callable[..., tuple[Path, dict[str, Any]]]


def events(folder: Path) -> EventAccumulator:
    found = EventAccumulator(str(folder / "tensorboard"))
    found.Reload()
    return found


def test_metrics_results_and_figures_are_shown(tiny_run: Run) -> None:
    folder, result = tiny_run("logger=tensorboard", "figures=now")
    assert not (folder / "wandb").exists()
    shown = events(folder)
    rows = list(csv.DictReader((folder / "metrics.csv").open()))
    losses = shown.Scalars("val/loss")
    assert [one.step for one in losses] == [0, 1, 2]
    assert [one.value for one in losses] == pytest.approx([float(row["val/loss"]) for row in rows])
    (accuracy,) = shown.Scalars("test/acc")
    assert accuracy.value == pytest.approx(result["test"]["acc"]["value"])
    assert "figures/confusion" in shown.Tags()["images"]


def test_it_stands_beside_wandb_and_shows_gans_by_images(tiny_run: Run) -> None:
    tiny = ["model=gan", "generator.width=8", "discriminator.width=8", "model.images=64", "model.report_every=32"]
    folder, _ = tiny_run(*tiny, "logger=[wandb,tensorboard]", "logger.mode=offline")
    shown = events(folder)
    assert [one.step for one in shown.Scalars("gan/d_loss")] == [32, 64]
    assert [one.step for one in shown.Images("gan/samples")] == [0, 32, 64]
    (logged,) = read_offline_runs(folder)
    assert logged.exit_code == 0


def test_a_board_that_fails_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    def refuse() -> Any:
        raise OSError("no room")

    logger = Logger(None, refuse)
    logger.log({"epoch": 0})
    logger.log({"epoch": 1})
    assert caplog.text.count("TensorBoard fails (no room)") == 1


def test_a_missing_package_is_told_before_anything_is_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validate, "find_spec", lambda name: None)
    (mistake,) = check(compose(["logger=tensorboard"]))
    assert mistake.fix == "pip install 'emotionart[tensorboard]'"


def test_a_run_that_goes_on_replaces_what_it_tells_again(tmp_path: Path) -> None:
    for last in (2, 4):
        board = TensorBoard(tmp_path, {"model": "net", "nested": {}})
        for epoch in range(last):
            board.log({"epoch": epoch, "val/loss": 1.0 / (epoch + 1)})
        board.close()
    assert [one.step for one in events(tmp_path).Scalars("val/loss")] == [0, 1, 2, 3]
