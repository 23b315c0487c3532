from pathlib import Path

import pytest
import yaml
from PIL import Image

from emotionart.cli.main import main
from emotionart.config.groups import group_options


def test_config_ls_lists_groups_with_what_their_options_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "ls"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == list(group_options())
    assert main(["config", "ls", "augment"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "augment"


def test_an_unknown_group_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "ls", "modl"]) == 2
    assert "did you mean: model" in capsys.readouterr().err


def test_config_show_gives_what_the_overrides_amount_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "show", "model=shallow_arch2", "optimizer.lr=0.5"]) == 0
    shown = yaml.safe_load(capsys.readouterr().out)
    assert shown["optimizer"]["lr"] == 0.5
    assert shown["model"]["network"]["hidden"] == [128]
    assert main(["config", "show", "model=vgg17"]) == 2
    assert "There is no model 'vgg17'" in capsys.readouterr().err


def test_data_gallery_paints_a_folder_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["data", "gallery", "--out", str(tmp_path / "art"), "--count", "12", "--size", "32"]
    assert main(arguments) == 0
    assert "labels.csv" in capsys.readouterr().out
    with Image.open(tmp_path / "art/sheet.png") as sheet:
        assert sheet.size == (8 * 36, 5 * 36)
    assert len(list((tmp_path / "art/images").iterdir())) == 12
    assert main(arguments) == 2
    assert "This folder exists" in capsys.readouterr().err
    assert main([*arguments[:3], str(tmp_path / "other"), "--local-cues", "2"]) == 2
    assert "--local-cues must be from 0 to 1, not 2.0." in capsys.readouterr().err
    assert main([*arguments[:3], str(tmp_path / "other"), "--seed", "-5"]) == 2
    assert "--seed must be from 0 to 2,147,483,648, not -5." in capsys.readouterr().err
