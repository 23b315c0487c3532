"""The same sweep by each of Hydra's launchers."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.processes import environment
from tests.sweeps.conftest import Sweep, arguments

ONE = ["logger=none", "seeds=[0]"]
JOBLIB = ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]


def table(folder: Path) -> bytes:
    return (folder / "test_rows/table.csv").read_bytes()


@pytest.fixture(scope="module")
def basic(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    from emotionart.cli.sweep import main

    folder = tmp_path_factory.mktemp("basic")
    assert main(arguments(cache, folder, *ONE)) == 0
    return table(folder)


@pytest.mark.slow
def test_joblib_gives_the_same_table(basic: bytes, sweep: Sweep, tmp_path: Path) -> None:
    code, told = sweep(tmp_path, *ONE, *JOBLIB)
    assert code == 0, told
    assert table(tmp_path) == basic


@pytest.mark.slow
def test_submitit_on_this_machine_gives_the_same_table(basic: bytes, sweep: Sweep, tmp_path: Path) -> None:
    code, told = sweep(tmp_path, *ONE, "hydra/launcher=submitit_local", "hydra.launcher.timeout_min=5")
    assert code == 0, told
    assert table(tmp_path) == basic


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("hydra_plugins.hydra_ray_launcher") is None,
    reason="hydra-ray-launcher is not installed: pip install -e '.[cluster]'",
)
def test_ray_on_this_machine_gives_the_same_table(basic: bytes, sweep: Sweep, tmp_path: Path) -> None:
    code, told = sweep(tmp_path, *ONE, "hydra/launcher=ray")
    assert code == 0, told
    assert table(tmp_path) == basic


@pytest.mark.slow
def test_a_killed_worker_costs_nobody_else_anything(basic: bytes, cache: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "sweep.py", *arguments(cache, tmp_path, *ONE, *JOBLIB)],
        stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment(),
    )  # fmt: skip
    worker = None
    while worker is None:
        assert process.poll() is None
        worker = next((pid for pid in descendants(process.pid) if holds_a_run(pid, tmp_path)), None)
        time.sleep(0.01)
    os.kill(worker, signal.SIGKILL)
    told = process.communicate()[0]
    assert process.returncode == 0, told
    assert "its process died; it is retried once, alone" in told
    assert table(tmp_path) == basic


def descendants(pid: int) -> list[int]:
    parent = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended
            parent[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for one in found:
        found += [child for child, its_parent in parent.items() if its_parent == one]
    return found[1:]


def holds_a_run(pid: int, folder: Path) -> bool:
    try:
        files = [str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return False
    return any(str(folder) in name and name.endswith(".lock") for name in files)
