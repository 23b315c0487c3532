"""Offline runs of W&B are real runs: they are read back from the file that `wandb sync` would send."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emotionart.cli.train import main as train
from emotionart.compare.runs import name_runs
from emotionart.compare.tracking.panels import panel_keys
from emotionart.errors import Failure, UserError
from emotionart.run.folder import RunFolder
from emotionart.run.tracking.columns import Membership, flat_columns
from emotionart.run.tracking.connection import resolve_mode
from tests.conftest import TINY_PIXELS
from tests.processes import Command, environment
from tests.wandb_log import read_offline_runs

Run = Callable[..., tuple[Path, dict]]


@pytest.fixture(autouse=True)
def without_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("WANDB_API_KEY", "WANDB_MODE", "WANDB_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    yield


def test_a_run_is_logged_with_config_history_summary_tables_and_pictures(tiny_run: Run) -> None:
    folder, result = tiny_run(
        "logger=wandb", "logger.tags=[pilot]", "logger.log_model=best", "optimizer.lr=1e-3", "figures=now"
    )
    (logged,) = read_offline_runs(folder)
    assert (logged.exit_code, logged.name, logged.tags) == (0, folder.name, ("pilot",))
    assert logged.id == json.loads((folder / "run.json").read_text())["wandb_id"]
    assert {key: logged.config[key] for key in ("model", "data", "seed")} == {
        "model": "shallow_arch1", "data": "gallery", "seed": 0,
    }  # fmt: skip
    assert logged.config["config"]["optimizer"]["lr"] == logged.config["optimizer.lr"] == 1e-3
    assert (logged.config["row"], logged.config["optimizer"], logged.config["data.count"]) == (
        "shallow_arch1", "adam", 160,
    )  # fmt: skip
    assert "optimizer.lr=1e-3" in logged.config["overrides"]
    assert logged.summary["test/acc"] == result["test"]["acc"]["value"]
    assert logged.summary["test/acc_low"] == result["test"]["acc"]["low"]
    assert logged.summary["test/lead/majority_high"] == result["lead"]["majority"]["high"]
    assert logged.summary["best/epoch"] == result["checkpoint"]["epoch"]
    assert logged.summary["best/val/acc"] == result["validation"]["acc"]["value"]
    for name in result["classes"]:
        assert logged.summary.get(f"test/recall/{name}") == result["test"]["recall"][name]["value"]
    assert logged.summary["test/kl"] == result["test"]["kl"]["value"]
    epochs = [row for row in logged.history if "val/loss" in row]
    assert [row["epoch"] for row in epochs] == [0, 1, 2]
    assert logged.summary["val/loss"] == logged.summary["best/val/loss"] == min(row["val/loss"] for row in epochs)
    assert logged.summary["val/acc"] == max(row["val/acc"] for row in epochs)
    made = {kind: name for name, kind in logged.made.items()}
    assert (made["model"], made["predictions"]) == (f"model-{logged.id}", f"predictions-{logged.id}")
    assert logged.used == {"split-gallery": "split"}
    files = {"best.ckpt", "config.yaml", "result.json", "split.csv", "predictions.csv"}
    assert files <= logged.artifacts.keys()
    assert all({"train/loss", "train/acc", "val/acc", "trainer/global_step", "lr"} <= row.keys() for row in epochs)
    shown = {key: value for row in logged.history for key, value in row.items() if key.endswith("/_type")}
    assert shown == {
        "test/confusion/_type": "table-file",
        "test/mistakes/_type": "table-file",
        "test/confusion_matrix_table/_type": "table-file",
        "test/precision_recall_table/_type": "table-file",
        "figures/confusion/_type": "image-file",
        "figures/curves/_type": "image-file",
        "figures/mistakes/_type": "image-file",
        "figures/views/_type": "image-file",
    }
    (matrix,) = folder.glob("wandb/offline-run-*/files/media/table/test/confusion_matrix_table_*.json")
    cells = iter(json.loads(matrix.read_text())["data"])
    for truth, counts in zip(result["classes"], result["test"]["confusion"], strict=True):
        for predicted, count in zip(result["classes"], counts, strict=True):
            assert next(cells) == [truth, predicted, count]
    (table,) = folder.glob("wandb/offline-run-*/files/media/table/test/mistakes_*.json")
    pictures = [file for file in logged.artifacts if file.endswith(".jpg")]
    assert 0 < len(pictures) <= len(json.loads(table.read_text())["data"]) <= 16


def test_a_failed_run_says_so_and_leaks_nothing_into_the_next(tiny_run: Run, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="finite"):
        tiny_run("logger=wandb", "optimizer=sgd", "optimizer.lr=1e30", name="fails")
    (failed,) = read_offline_runs(tmp_path / "fails")
    assert failed.exit_code == 1
    assert any("finite" in line for line in failed.console)
    assert "failed" in failed.tags
    folder, _ = tiny_run("logger=wandb", name="next")
    (succeeded,) = read_offline_runs(folder)
    assert (succeeded.exit_code, succeeded.tags) == (0, ())
    assert succeeded.id != failed.id


@pytest.mark.parametrize("setting", ["logger.project=a/b", f"logger.tags=[{'x' * 80}]"])
def test_names_that_wandb_does_not_take_are_told(tiny_run: Run, setting: str) -> None:
    with pytest.raises(UserError, match="W&B refuses: "):
        tiny_run("logger=wandb", setting)


def test_without_wandb_the_folder_holds_the_same(tiny_run: Run) -> None:
    folder, _ = tiny_run("logger=csv")
    assert not (folder / "wandb").exists()
    assert (folder / "metrics.csv").exists()
    folder, _ = tiny_run("logger=none", "figures=now", name="silent")
    assert not (folder / "metrics.csv").exists()
    assert (folder / "figures" / "curves.png").exists()


def test_auto_is_online_with_a_key_and_offline_without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert resolve_mode("auto") == "offline"
    for host in ("api.forge.coreweave.com", "api.wandb.ai"):  # as `wandb login` writes it, and as it did
        (tmp_path / "netrc").write_text(f"machine {host} login user password secret\n")
        assert resolve_mode("auto") == "online"
        monkeypatch.setenv("WANDB_BASE_URL", "https://wandb.example.org")
        assert resolve_mode("auto") == "offline", "the key of another server"
        monkeypatch.delenv("WANDB_BASE_URL")
    (tmp_path / "netrc").unlink()
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    assert resolve_mode("auto") == "online"
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert resolve_mode("auto") == "offline"
    assert resolve_mode("disabled") == "disabled"


@pytest.mark.parametrize(("name", "value"), [("WANDB_BASE_URL", "localhost:8080"), ("WANDB_PROJECT", "a/b")])
def test_variables_that_wandb_refuses_are_a_mistake(name: str, value: str, cache: Path, tmp_path: Path) -> None:
    asked = [*TINY_PIXELS, f"cache={cache}", f"hydra.run.dir={tmp_path}/run"]
    ended = Command("train", *asked, env=environment() | {name: value}).finish()
    assert (ended.returncode, "W&B refuses: " in ended.stderr) == (2, True), ended.stderr


def test_a_mistake_in_the_data_leaves_no_run(tiny_run: Run, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="label"):
        tiny_run("logger=wandb", "labels=periods", name="mistaken")
    assert not (tmp_path / "mistaken" / "wandb").exists()


def test_jobs_of_a_multirun_are_told_apart_by_what_varies(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fixed = [*TINY_PIXELS, "trainer.max_epochs=1", "logger.mode=offline", f"cache={cache}"]
    assert train(["-m", "model=shallow_arch1", "seed=3,5", *fixed, f"hydra.sweep.dir={tmp_path}/grid"]) == 0
    logged = [run for job in sorted((tmp_path / "grid").glob("[0-9]*")) for run in read_offline_runs(job)]
    assert [(run.name, run.group, run.config["row"]) for run in logged] == [
        ("seed=3", "grid", "shallow_arch1"),
        ("seed=5", "grid", "shallow_arch1"),
    ]


def test_a_row_is_what_varies_beside_the_seed() -> None:
    membership = Membership.of_multirun("grid", ["optimizer.lr=1e-3", "seed=3"], {"model": "cv_fc"})
    assert (membership.row, membership.name) == ("optimizer.lr=1e-3", "optimizer.lr=1e-3, seed=3")


def test_a_cross_validated_run_says_its_fold() -> None:
    config = {"seed": 1, "data": {"split_seed": 2, "fold": 3}}
    columns = flat_columns(config, {"model": "cv_fc", "model/head": "arch2"}, ["seed=1"], Membership("cv", "CV-FC"))
    asked = {"row": "CV-FC", "sweep": "cv", "model": "cv_fc", "head": "arch2", "seed": 1, "split_seed": 2, "fold": 3}
    assert asked.items() <= columns.items()


def test_gans_are_logged_on_an_axis_of_images(tiny_run: Run) -> None:
    tiny = ["model=gan", "generator.width=8", "discriminator.width=8", "model.images=64", "model.report_every=32"]
    folder, _ = tiny_run("logger=wandb", *tiny)
    (logged,) = read_offline_runs(folder)
    shown = panel_keys(name_runs([RunFolder(folder)]))
    assert {*shown.config} <= logged.config.keys()
    assert {*shown.summary, *shown.bars} <= logged.summary.keys()
    assert {*shown.curves, shown.axis, *(f"{key}/_type" for key in shown.media)} <= set().union(*logged.history)
    grids = [row for row in logged.history if "gan/samples/_type" in row]
    assert [row["gan/images"] for row in grids] == [0, 32, 64]
    figures = [key for row in logged.history for key in row if key.startswith("figures/") and key.endswith("/_type")]
    assert sorted(figures) == [
        f"figures/{name}/_type" for name in ("curves", "interpolations", "nearest", "reals", "samples")
    ]
    assert {"gan/lr_generator", "gan/lr_discriminator"} <= logged.summary.keys()
    assert (logged.config["generator"], logged.config["discriminator"]) == ("deconv", "cnn")
    assert logged.config["optimizer.lr_generator"] == 0.001
