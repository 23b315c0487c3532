import shlex
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser

from emotionart.run.folder import RunFolder


def test_its_commands_can_be_pasted_whatever_its_name(tmp_path: Path) -> None:
    for name in ("plain", "two words, and a comma", "Gefühl's {best} = $5"):
        folder = RunFolder(tmp_path / name)
        *command, resume = shlex.split(folder.resume_command)
        assert command == ["python", "train.py"]
        (parsed,) = OverridesParser.create().parse_overrides([resume])
        assert (parsed.key_or_group, parsed.value()) == ("resume", str(folder.path))
        assert shlex.split(folder.figures_command) == ["emotionart", "figures", str(folder.path)]
