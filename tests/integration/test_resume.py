import json
import shutil
import signal
from pathlib import Path

import pytest
import torch

from tests.conftest import TINY_PIXELS, stop, train
from tests.wandb_log import read_offline_runs

# Epochs that are long enough to be killed in the middle of.
SLOW = [
    *TINY_PIXELS,
    "trainer.max_epochs=4",
    "batch_size=1",
    "augment=random",
    "callbacks=early_stopping",
    "scheduler=plateau",
]


def state(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]


@pytest.fixture(scope="module")
def unbroken(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unbroken")
    finished = train(*SLOW, f"cache={cache}", "logger=csv", f"hydra.run.dir={folder}")
    assert finished.returncode == 0, finished.stderr
    return folder


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_a_killed_run_that_is_resumed_is_bit_equal_to_the_unbroken_one(
    unbroken: Path, cache: Path, tmp_path: Path, workers: int
) -> None:
    folder = tmp_path / "killed"
    arguments = [*SLOW, f"cache={cache}", "logger=wandb", f"workers={workers}"]
    assert stop(signal.SIGKILL, "epoch 2 of", folder, *arguments).returncode == -signal.SIGKILL
    assert json.loads((folder / "run.json").read_text())["status"] == "running"
    assert not (folder / "result.json").exists()

    changed = train(f"resume={folder}", "optimizer.lr=1.0")
    assert changed.returncode == 2
    assert "optimizer.lr: 0.0003 → 1.0" in changed.stderr
    assert "Traceback" not in changed.stderr

    resumed = train(f"resume={folder}")
    assert resumed.returncode == 0, resumed.stderr
    for file in ("result.json", "metrics.csv", "predictions.csv", "split.csv"):
        assert (folder / file).read_bytes() == (unbroken / file).read_bytes(), file
    for name, tensor in state(unbroken).items():
        assert torch.equal(tensor, state(folder)[name])

    killed, finished = read_offline_runs(folder)
    assert finished.id == json.loads((folder / "run.json").read_text())["wandb_id"]
    assert killed.id in ("", finished.id)  # killed before W&B has written anything, it has no id
    assert (killed.exit_code, finished.exit_code) == (None, 0)
    assert [row["epoch"] for row in finished.history if "val/loss" in row] == [0, 1, 2, 3]

    again = train(f"resume={folder}")
    assert again.returncode == 2
    assert "This run is done; there is nothing to resume." in again.stderr


@pytest.mark.parametrize("kind", [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGTERM])
def test_a_run_that_is_told_to_stop_says_how_to_go_on(
    unbroken: Path, cache: Path, tmp_path: Path, kind: signal.Signals
) -> None:
    folder = tmp_path / "stopped"
    stopped = stop(kind, "epoch 2 of", folder, *SLOW, f"cache={cache}", "logger=csv")
    assert stopped.returncode == 128 + kind
    assert json.loads((folder / "run.json").read_text())["status"] == "interrupted"
    told = f"Interrupted; to go on: python train.py resume={folder}"
    assert f"{told}\n" in (folder / "run.log").read_text()
    assert stopped.stderr.splitlines()[-1] == told
    assert (stopped.stdout + stopped.stderr).count("Interrupted") == 1
    assert train(f"resume={folder}").returncode == 0
    assert (folder / "result.json").read_bytes() == (unbroken / "result.json").read_bytes()


@pytest.fixture(scope="module")
def killed(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("killed") / "run"
    stop(signal.SIGKILL, "epoch 3 of", folder, *SLOW, f"cache={cache}", "logger=csv")
    return folder


@pytest.fixture
def interrupted(killed: Path, tmp_path: Path) -> Path:
    """A run of one's own that was killed, copied to another place."""
    return shutil.copytree(killed, tmp_path / "interrupted")


def test_a_run_whose_folder_was_moved_ends_as_if_it_had_not(unbroken: Path, interrupted: Path, tmp_path: Path) -> None:
    moved = interrupted.rename(tmp_path / "moved")
    assert train(f"resume={moved}").returncode == 0
    for file in ("result.json", "metrics.csv", "predictions.csv"):
        assert (moved / file).read_bytes() == (unbroken / file).read_bytes(), file


def test_a_run_is_not_resumed_on_other_data(interrupted: Path) -> None:
    provenance = json.loads((interrupted / "provenance.json").read_text())
    (interrupted / "provenance.json").write_text(json.dumps(provenance | {"data": "another"}))
    refused = train(f"resume={interrupted}")
    assert refused.returncode == 2
    assert "The data, or their split, have changed since this run was started." in refused.stderr
    assert json.loads((interrupted / "provenance.json").read_text())["data"] == "another"


def test_job_2_of_a_multirun_is_the_same_job_alone(cache: Path, tmp_path: Path) -> None:
    common = [*TINY_PIXELS, f"cache={cache}", "logger=csv"]
    several = train("-m", *common, "model=shallow_arch1,shallow_arch2", "seed=3,5", f"hydra.sweep.dir={tmp_path}/sweep")
    assert several.returncode == 0, several.stderr
    folders = sorted(path.name for path in (tmp_path / "sweep").iterdir() if path.is_dir())
    assert folders == [f"{n}-shallow_arch{1 + n // 2}-gallery-s{(3, 5)[n % 2]}" for n in range(4)]
    alone = train(*common, "model=shallow_arch2", "seed=3", f"hydra.run.dir={tmp_path}/alone")
    assert alone.returncode == 0, alone.stderr
    third = tmp_path / "sweep" / folders[2]
    assert (third / "result.json").read_bytes() == (tmp_path / "alone" / "result.json").read_bytes()
    for name, tensor in state(third).items():
        assert torch.equal(tensor, state(tmp_path / "alone")[name])


def test_a_folder_without_a_run_cannot_be_resumed(tmp_path: Path) -> None:
    refused = train(f"resume={tmp_path}")
    assert refused.returncode == 2
    assert "There is no run in this folder." in refused.stderr
