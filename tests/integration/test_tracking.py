"""Offline runs of W&B are real runs: they are read back from the file that `wandb sync` would send."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emotionart.errors import UserError
from emotionart.run.logger import resolve_mode
from tests.wandb_log import read_offline_runs

Run = Callable[..., tuple[Path, dict]]


@pytest.fixture(autouse=True)
def without_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("WANDB_API_KEY", "WANDB_MODE", "WANDB_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    yield


def test_a_run_is_logged_with_config_history_summary_tables_and_pictures(tiny_run: Run) -> None:
    folder, result = tiny_run("logger=wandb", "logger.tags=[pilot]")
    (logged,) = read_offline_runs(folder)
    assert (logged.exit_code, logged.name, logged.tags) == (0, folder.name, ("pilot",))
    assert logged.id == json.loads((folder / "run.json").read_text())["wandb_id"]
    assert {key: logged.config[key] for key in ("model", "data", "seed")} == {
        "model": "shallow_arch1", "data": "gallery", "seed": 0,
    }  # fmt: skip
    assert logged.config["config"]["optimizer"]["lr"] == pytest.approx(3e-4)
    assert logged.summary["test/acc"] == result["test"]["acc"]["value"]
    assert logged.summary["test/kl"] == result["test"]["kl"]["value"]
    epochs = [row for row in logged.history if "val/loss" in row]
    assert [row["epoch"] for row in epochs] == [0, 1, 2]
    assert all({"train/loss", "train/acc", "val/acc", "trainer/global_step", "lr"} <= row.keys() for row in epochs)
    shown = {key: value for row in logged.history for key, value in row.items() if key.endswith("/_type")}
    assert shown == {
        "test/confusion/_type": "table-file",
        "figures/confusion/_type": "image-file",
        "figures/curves/_type": "image-file",
        "figures/mistakes/_type": "image-file",
        "figures/views/_type": "image-file",
    }


def test_a_failed_run_says_so_and_leaks_nothing_into_the_next(tiny_run: Run, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="label"):
        tiny_run("logger=wandb", "labels=periods", name="fails")
    (failed,) = read_offline_runs(tmp_path / "fails")
    assert failed.exit_code == 1
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
    folder, _ = tiny_run("logger=none", name="silent")
    assert not (folder / "metrics.csv").exists()
    assert (folder / "figures" / "curves.png").exists()


def test_auto_is_online_with_a_key_and_offline_without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert resolve_mode("auto") == "offline"
    (tmp_path / "netrc").write_text("machine api.wandb.ai login user password secret\n")
    assert resolve_mode("auto") == "online"
    (tmp_path / "netrc").unlink()
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    assert resolve_mode("auto") == "online"
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert resolve_mode("auto") == "offline"
    assert resolve_mode("disabled") == "disabled"
