"""Runs that somebody else has made."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

import emotionart
from emotionart.cli.main import main
from emotionart.errors import UserError
from emotionart.gan.generation.sampler import load_sampler


def _crafted(file: Path, change: Callable[[dict[str, Any]], None]) -> None:
    checkpoint = torch.load(file, weights_only=True)
    change(checkpoint["emotionart"]["config"])
    torch.save(checkpoint, file)


def test_a_foreign_run_executes_nothing(
    tiny_run: Callable[..., tuple[Path, dict]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = tiny_run("trainer.max_epochs=1", "figures=now")
    trace = tmp_path / "executed"
    evil = {"_target_": "pathlib.Path.touch", "self": {"_target_": "pathlib.Path", "_args_": [str(trace)]}}

    def unneeded(config: dict[str, Any]) -> None:
        for group in ("optimizer", "scheduler", "data", "trainer", "callbacks"):
            config[group] = evil

    def needed(config: dict[str, Any]) -> None:
        config["model"]["network"]["hidden"] = evil

    best = folder / "checkpoints" / "best.ckpt"
    picture = next((folder / "figures").glob("*.png"))
    _crafted(best, unneeded)
    assert main(["predict", str(folder), str(picture)]) == 0
    config = yaml.safe_load((folder / "config.yaml").read_text())
    (folder / "config.yaml").write_text(yaml.safe_dump({**config, "data": evil}))
    capsys.readouterr()
    assert main(["explain", str(folder), "--faithfulness", "0", "--steps", "0"]) == 2
    assert "pathlib.Path.touch" in capsys.readouterr().err
    _crafted(best, needed)
    for command in ("predict", "explain"):
        given = [str(picture)] if command == "predict" else ["--images", str(picture.parent)]
        assert main([command, str(folder), *given]) == 2
        assert "--trust" in capsys.readouterr().err
    with pytest.raises(UserError, match=r"pathlib\.Path\.touch"):
        emotionart.load_run(folder)
    assert not trace.exists()


def test_a_foreign_gan_executes_nothing(tiny_run: Callable[..., tuple[Path, dict]], tmp_path: Path) -> None:
    folder, _ = tiny_run("model=gan", "model.images=160", "model.report_every=160")
    trace = tmp_path / "executed"
    evil = {"_target_": "pathlib.Path.touch", "self": {"_target_": "pathlib.Path", "_args_": [str(trace)]}}
    last = folder / "checkpoints" / "last.ckpt"
    _crafted(last, lambda config: config.update(optimizer=evil, data=evil))
    assert len(list(load_sampler(folder).sample(2, seed=0))) == 2
    _crafted(last, lambda config: config["generator"].update(width=evil))
    with pytest.raises(UserError, match=r"pathlib\.Path\.touch"):
        load_sampler(folder)
    assert not trace.exists()
