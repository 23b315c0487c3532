import shlex
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from emotionart.cli.resume import run_to_resume
from emotionart.run.folder import RunFolder

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
