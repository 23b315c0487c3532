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
    for name, file, content in (
        ("cut", "run.json", '{"status": "do'),
        ("odd", "run.json", "[1]"),
        ("half", "result.json", "{}"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text('{"status": "done"}')
        (tmp_path / name / file).write_text(content)
    assert main(["runs", str(tmp_path)]) == 0
    lines = {line.split()[1]: line for line in capsys.readouterr().out.splitlines()}
    assert lines[f"{tmp_path}/good"] == good
    assert all(lines[f"{tmp_path}/{name}"].startswith("damaged ") for name in ("cut", "odd", "half"))


def test_no_run_is_told_and_nothing_heavy_is_imported(tmp_path: Path) -> None:
    code = "import sys; from emotionart.cli.main import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-X", "importtime", "-c", code, "runs", str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert told.returncode == 2
    assert "There is no run here." in told.stderr
    assert not any(f" {name}\n" in told.stderr for name in ("torch", "hydra", "numpy", "matplotlib"))
