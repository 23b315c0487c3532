import shlex
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from emotionart.cli.resume import run_to_resume
from emotionart.run.folder import RunFolder, no_run

NAMES = ("plain", "two words, and a comma", "Gefühl's {best} = $5", 'say "hi"', "'art'", "back\\", '5"', 'a\\"b', "007")


@pytest.mark.parametrize("name", NAMES)
def test_its_commands_can_be_pasted_whatever_its_name(tmp_path: Path, name: str) -> None:
    folder = RunFolder(tmp_path / name)
    folder.path.mkdir()
    folder.freeze({}, {}, ())
    *command, resume = shlex.split(folder.resume_command)
    assert command == ["python", "train.py"]
    assert run_to_resume([resume]) == folder
    *_, start = shlex.split(folder.start_command)
    (parsed,) = OverridesParser.create().parse_overrides([start])
    assert (parsed.key_or_group, parsed.value()) == ("start", str(folder.path))
    assert shlex.split(folder.figures_command) == ["emotionart", "figures", str(folder.path)]


def test_a_misspelt_run_is_told_with_the_runs_beside_it(tmp_path: Path) -> None:
    for name in ("first", "other"):
        (tmp_path / name).mkdir()
        RunFolder(tmp_path / name).freeze({}, {}, ())
    (tmp_path / "frist-notes").mkdir()
    assert no_run(tmp_path / "frist").suggestions == (str(tmp_path / "first"),)
    assert no_run(tmp_path / "nowhere/frist").suggestions == ()
