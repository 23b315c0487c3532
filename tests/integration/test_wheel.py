"""The package as a wheel that is installed elsewhere, without the repository."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.processes import environment


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the wheel is installed into."""
    wheels, target = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, ROOT], check=True)
    (wheel,) = wheels.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", target, wheel], check=True)
    return target


@pytest.mark.slow
def test_an_installed_wheel_checks_data_computes_features_and_predicts(
    installed: Path, done_run: tuple[Path, dict[str, Any]], cache: Path, tmp_path: Path
) -> None:
    def emotionart(*arguments: object) -> str:
        command = [sys.executable, "-m", "emotionart", *map(str, arguments)]
        finished = subprocess.run(
            command, capture_output=True, text=True, cwd=tmp_path, env={**environment(), "PYTHONPATH": str(installed)}
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout

    table = next(cache.glob("gallery/160-*/labels.csv"))
    columns = ["data.label=emotion", "data.near_duplicates=null", "labels=emotions"]
    assert "ready" in emotionart("data", "check", table, *columns, f"cache={tmp_path / 'cache'}")
    emotionart("features", *sorted(table.parent.glob("images/*"))[:2], "--out", tmp_path / "features.csv")
    assert len((tmp_path / "features.csv").read_text().splitlines()) == 3
    emotionart("predict", done_run[0], *sorted(table.parent.glob("images/*"))[:2], "--out", tmp_path / "told.csv")
    assert len((tmp_path / "told.csv").read_text().splitlines()) == 3
    assert not list(installed.rglob("local"))
