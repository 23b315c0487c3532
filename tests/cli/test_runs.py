import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from emotionart.cli.main import main
from emotionart.errors import UserError
from tests.conftest import ROOT


def test_runs_are_listed_with_their_outcome(
    tiny_run: Callable[..., tuple[Path, dict]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, result = tiny_run(name="good")
    with pytest.raises(UserError):
        tiny_run("labels=periods", name="bad")
    capsys.readouterr()
    assert main(["runs", str(tmp_path)]) == 0
    good, bad = capsys.readouterr().out.splitlines()
    assert good.split() == ["done", f"{tmp_path}/good", "test", "accuracy", f"{result['test']['acc']['value']:.1%}"]
    assert bad.startswith("failed")
    assert "12 labels belong to no class" in bad


def test_no_run_is_told_and_nothing_heavy_is_imported(tmp_path: Path) -> None:
    code = "import sys; from emotionart.cli.main import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-X", "importtime", "-c", code, "runs", str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert told.returncode == 2
    assert "There is no run here." in told.stderr
    assert not any(f" {name}\n" in told.stderr for name in ("torch", "hydra", "numpy", "matplotlib"))
