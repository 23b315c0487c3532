"""Sweeps that are stopped, that start cold, and that share a folder."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.processes import Command, environment
from tests.sweeps.conftest import arguments
from tests.sweeps.test_launchers import JOBLIB, ONE, descendants, holds_a_run, table

_LIMIT = 90
"""Seconds after which a command that should have ended hangs."""


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.slow
def test_a_sweep_that_is_told_to_stop_takes_its_workers_with_it(cache: Path, tmp_path: Path) -> None:
    command = Command("sweep", *arguments(cache, tmp_path, *ONE, *JOBLIB, "trainer.max_epochs=500"))
    workers: list[int] = []
    command.wait_for(lambda: any(holds_a_run(pid, tmp_path) for pid in descendants(command.pid)))
    workers += descendants(command.pid)
    try:
        command.signal(signal.SIGTERM)
        told = command.finish(_LIMIT)
        assert told.returncode == 128 + signal.SIGTERM, told.stderr
        assert "Interrupted; to go on: python sweep.py" in told.stderr
        until = time.monotonic() + _LIMIT
        while any(map(alive, workers)) and time.monotonic() < until:
            time.sleep(0.1)
        assert [pid for pid in workers if alive(pid)] == []
    finally:
        command.kill(signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 1])
def test_joblib_paints_a_gallery_and_loads_batches_by_processes_of_its_own(tmp_path: Path, workers: int) -> None:
    cold = arguments(tmp_path / "cold", tmp_path, *ONE, *JOBLIB, f"workers={workers}")
    told = subprocess.run(
        [sys.executable, "sweep.py", *cold], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    assert "2 ok · 0 failed" in told.stdout


@pytest.mark.slow
def test_several_sweeps_in_one_folder_share_its_cells(cache: Path, tmp_path: Path) -> None:
    several = [Command("sweep", *arguments(cache, tmp_path, *ONE)) for _ in range(3)]
    ends = [command.finish() for command in several]
    assert [end.returncode for end in ends] == [0, 0, 0], [end.stderr for end in ends]
    assert b"features" in table(tmp_path)
