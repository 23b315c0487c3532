"""Two processes that train one model see what one sees."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pytorch_lightning.loops.training_epoch_loop import _TrainingEpochLoop
from timm.layers import BatchNormAct2d
from torch import nn

from emotionart.cli.main import main as emotionart
from emotionart.cli.sweep import main as sweep
from emotionart.config.compose import compose
from emotionart.errors import PrunedError
from emotionart.pipeline import validate
from emotionart.run.devices.callback import learns_statistics
from tests.conftest import SQUEEZENET, TINY_PIXELS, stop, train
from tests.processes import ROOT, Command, environment
from tests.sweeps.conftest import arguments

Run = Callable[..., tuple[Path, dict[str, Any]]]

TWO = ("trainer=ddp", "trainer.devices=2", "trainer.accelerator=cpu")
ONE = ("trainer.accelerator=cpu",)
LEFTOVER = "data.train_count=89"  # of 12 batches of 8, the last has one artwork, which both devices see
TUNED = (
    *SQUEEZENET, "augment=random", "trainer.max_epochs=2", "data.train_count=45",
    "model.backbone.layer=null", "model.backbone.pool=mean",  # as standardising what hardly varies enlarges rounding
)  # fmt: skip
RESNET = (
    "model=transfer", "model.backbone.name=resnet10t", "model.backbone.source=timm", "model.backbone.weights=random",
    "model.backbone.size=64", "trainer.max_epochs=2", "data.train_count=45",
)  # fmt: skip


def numbers(file: Path, columns: str = "") -> np.ndarray:
    with file.open() as opened:
        rows = [
            {name: cell for name, cell in row.items() if name.startswith(columns)} for row in csv.DictReader(opened)
        ]
    return np.array([[float(cell) for cell in row.values()] for row in rows])


def same(one: Path, two: Path, tolerance: float) -> None:
    assert (one / "metrics.csv").read_text().splitlines()[0] == (two / "metrics.csv").read_text().splitlines()[0]
    np.testing.assert_allclose(numbers(two / "metrics.csv"), numbers(one / "metrics.csv"), atol=tolerance)
    shares = [numbers(folder / "predictions.csv", "p(") for folder in (one, two)]
    np.testing.assert_allclose(shares[1], shares[0], atol=tolerance)
    written = [sorted(path.name for path in folder.rglob("*") if path.name != ".lock") for folder in (one, two)]
    assert written[0] == written[1]


def test_two_devices_have_the_curve_and_the_predictions_of_one(tiny_run: Run) -> None:
    """With dropout, random changes, class weights, early stopping, and a last batch that cannot be shared."""
    what = (LEFTOVER, "augment=random", "model.class_weights=balanced", "callbacks=early_stopping")
    one, _ = tiny_run(*what, *ONE, name="one")
    two, result = tiny_run(*what, *TWO, name="two")
    same(one, two, 2e-5)
    assert set(result) == set(json.loads((one / "result.json").read_text()))
    assert not torch.distributed.is_initialized()


def test_batch_statistics_are_spread_over_devices_where_that_changes_nothing_else() -> None:
    learnt, fixed = nn.Sequential(nn.BatchNorm2d(2)), nn.Sequential(nn.BatchNorm2d(2)).eval()
    assert learns_statistics(learnt)
    assert not learns_statistics(fixed)
    assert not learns_statistics(nn.Sequential(nn.BatchNorm2d(2), BatchNormAct2d(2))), "its activation would be lost"
    assert not learns_statistics(nn.Linear(2, 2))


def test_lightning_still_asks_all_devices_for_a_signal_in_each_step() -> None:
    assert callable(_TrainingEpochLoop._broadcast_sigterm_tensor), "else OwnSignals stops nothing"


@pytest.mark.slow
@pytest.mark.parametrize(
    "what",
    [
        (*TUNED, "model.freeze=none"),
        (*RESNET, "model.freeze=until:layer4", "trainer.accumulate_grad_batches=2", "optimizer=sgd", "workers=2"),
    ],
    ids=["squeezenet", "resnet"],
)
def test_a_fine_tuned_backbone_learns_as_on_one_device(tiny_run: Run, what: tuple[str, ...]) -> None:
    one, _ = tiny_run(*what, *ONE, name="one", pixels=False)
    two, _ = tiny_run(*what, *TWO, name="two", pixels=False)
    same(one, two, 2e-5)


@pytest.mark.slow
def test_batch_norm_that_learns_sees_a_share_and_what_was_validated_is_saved(tiny_run: Run) -> None:
    what = (LEFTOVER, "model.network._target_=tests.run.devices.networks.Normed")
    one, _ = tiny_run(*what, *ONE, name="one")
    two, result = tiny_run(*what, *TWO, name="two")
    losses = [numbers(folder / "metrics.csv", "val/nll").ravel() for folder in (one, two)]
    assert not np.allclose(*losses, atol=1e-4)
    tested = result["calibration"]["before"]["validation"]["nll"]["value"]
    assert tested == pytest.approx(losses[1][result["checkpoint"]["epoch"]], abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_on_two_devices_that_is_stopped_goes_on(cache: Path, tmp_path: Path, kind: signal.Signals) -> None:
    what = [*TINY_PIXELS, *TWO, "trainer.max_epochs=4", "batch_size=2", f"cache={cache}", "logger=csv"]
    unbroken, stopped = tmp_path / "unbroken", tmp_path / "stopped"
    assert train(*what, f"hydra.run.dir={unbroken}").returncode == 0
    assert stop(kind, "epoch 2 of", stopped, *what).returncode == (-kind if kind is signal.SIGKILL else 128 + kind)
    status = json.loads((stopped / "run.json").read_text())["status"]
    assert status == ("running" if kind is signal.SIGKILL else "interrupted")
    resumed = train(*what, f"hydra.run.dir={stopped}", "resume=auto")
    assert resumed.returncode == 0, resumed.stderr
    for file in ("result.json", "metrics.csv", "predictions.csv"):
        assert (stopped / file).read_bytes() == (unbroken / file).read_bytes(), file


def children(pid: int) -> list[int]:
    return [int(number) for number in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.slow
def test_the_death_of_another_devices_process_is_a_failure_that_names_it(cache: Path, tmp_path: Path) -> None:
    what = [*TINY_PIXELS, *TWO, "trainer.max_epochs=40", "batch_size=2", f"cache={cache}", "logger=csv"]
    command = Command("train", *what, f"hydra.run.dir={tmp_path}/run")
    command.wait_for((tmp_path / "run/checkpoints/last.ckpt").exists)
    for pid in children(command.pid):
        if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text():
            os.kill(pid, signal.SIGKILL)
    ended = command.finish(60)
    assert ended.returncode == 1
    assert "Training has failed on device 1: its process has ended with exit code -9" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
def test_no_process_outlives_a_run_that_is_killed(cache: Path, tmp_path: Path) -> None:
    what = [*TINY_PIXELS, *TWO, "trainer.max_epochs=40", "batch_size=2", f"cache={cache}", "logger=csv"]
    command = Command("train", *what, f"hydra.run.dir={tmp_path}/run")
    command.wait_for((tmp_path / "run/checkpoints/last.ckpt").exists)
    begun = children(command.pid)
    command.signal(signal.SIGKILL)
    command.finish()
    time.sleep(3)
    assert len(begun) >= 1
    assert not any(Path(f"/proc/{pid}").exists() for pid in begun)


@pytest.mark.slow
@pytest.mark.parametrize(
    "launcher", [[], ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]], ids=["basic", "joblib"]
)
def test_each_run_of_a_multirun_has_two_devices(launcher: list[str], cache: Path, tmp_path: Path) -> None:
    what = [*TINY_PIXELS, *TWO, "trainer.max_epochs=1", f"cache={cache}", "logger=csv", *launcher]
    several = subprocess.run(  # a process that starts a pool is not to be forked
        [sys.executable, "train.py", "-m", *what, "seed=0,1", f"hydra.sweep.dir={tmp_path}/several"],
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert several.returncode == 0, several.stderr
    assert len(list(tmp_path.glob("several/*/result.json"))) == 2


@pytest.mark.slow
def test_a_search_finds_on_two_devices_what_it_finds_on_one(cache: Path, tmp_path: Path) -> None:
    asked = [*TINY_PIXELS, "model=shallow_arch1", "logger=none", "search.trials=2", f"folder={tmp_path}"]
    asked.append("~search.space.batch_size")
    found = []
    for name, devices in (("one", ONE), ("two", TWO)):
        assert emotionart(["tune", *asked, *devices, f"cache={cache}", f"name={name}"]) == 0
        with (tmp_path / name / "trials.csv").open() as opened:
            found.append([(row["state"], float(row["value"])) for row in csv.DictReader(opened)])
    one, two = found
    assert [state for state, _ in one] == [state for state, _ in two] == ["COMPLETE"] * 2
    np.testing.assert_allclose([value for _, value in two], [value for _, value in one], atol=2e-5)


@pytest.mark.slow
def test_a_trial_that_is_ended_early_takes_its_other_device_with_it(cache: Path, tmp_path: Path) -> None:
    def end(row: Mapping[str, float]) -> None:
        raise PrunedError("enough")

    asked = [*TINY_PIXELS, *TWO, "logger=none", f"cache={cache}"]
    for name, watch in (("ended", end), ("next", lambda row: None)):
        composed = compose(asked)
        (tmp_path / name).mkdir()
        with nullcontext() if name == "next" else pytest.raises(PrunedError):
            validate(composed, tmp_path / name, on_epoch=watch)
        assert not active_children()
        assert not torch.distributed.is_initialized()


@pytest.mark.slow
def test_a_sweep_trains_its_cells_on_two_devices(cache: Path, tmp_path: Path) -> None:
    pixels = ["model=shallow_arch1", "model.representation.size=16", "seeds=[0]", "logger=none"]
    for name, devices in (("one", ONE), ("two", TWO)):
        assert sweep(arguments(cache, tmp_path / name, *pixels, *devices)) == 0
    one, two = (sorted((tmp_path / name / "test_rows").glob("*/predictions.csv")) for name in ("one", "two"))
    assert len(one) == len(two) == 2
    for alone, shared in zip(one, two, strict=True):
        np.testing.assert_allclose(numbers(shared, "p("), numbers(alone, "p("), atol=2e-5)
