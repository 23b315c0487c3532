import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from emotionart.compare.tracking.summary import sync_command


def test_the_command_that_sends_offline_runs_names_only_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WANDB_DIR", raising=False)
    runs = tmp_path / "my runs"
    run = runs / "0-net-s0/wandb/offline-run-20260101_000000-abc"
    run.mkdir(parents=True)
    (run / "run-abc.wandb").touch()
    (told, sync, *patterns) = shlex.split(sync_command(runs))
    assert (told, sync, patterns) == ("wandb", "sync", [f"{runs}/*/wandb/offline-run-*"])
    expanded = sync_command(runs).replace("wandb sync", f"{shlex.quote(sys.executable)} -m wandb sync --dry-run")
    assert subprocess.run(["sh", "-c", expanded], check=False, capture_output=True).returncode == 0
    (runs / "wandb/offline-run-20260101_000001-def").mkdir(parents=True)
    assert len(shlex.split(sync_command(runs))) == 4
    monkeypatch.setenv("WANDB_DIR", "/else where")
    assert sync_command(runs) == "wandb sync '/else where'/wandb/offline-run-*"
