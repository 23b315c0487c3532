"""What is given to `emotionart compare`."""

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from emotionart.cli.main import main
from tests.compare.classifiers.test_rows import run


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one finished run, in the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sweep of mine").mkdir()
    folder = run(tmp_path / "sweep of mine" / "run", "ab").folder
    OmegaConf.save({"overrides": [], "choices": {"model": "net"}}, folder.overrides)
    OmegaConf.save({"seed": 0}, folder.config)
    return folder.path.parent


def test_a_run_that_is_given_twice_counts_once(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "sweep of mine/run", "sweep of mine/../sweep of mine/run", str(stored / "run")]) == 0
    (row,) = (line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("net "))
    assert row[1] == "1"


def test_a_folder_of_runs_leads_to_the_command_that_compares_them(
    stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", stored.name]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == "  fix: emotionart table 'sweep of mine'"
    assert main(["table", stored.name]) == 0
