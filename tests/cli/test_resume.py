"""A run that goes on: for longer than it was asked for, by itself after an interruption, or as the start of another."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import yaml
from filelock import FileLock

from emotionart.cli.train import main
from emotionart.errors import UserError
from tests.conftest import TINY_PIXELS

Done = tuple[Path, dict]
Run = Callable[..., Done]

GAN = ["model=gan", "generator.width=8", "discriminator.width=8", "model.report_every=32"]


@pytest.fixture(scope="module")
def short(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run like `done_run`, an epoch shorter."""
    folder = tmp_path_factory.mktemp("short") / "run"
    arguments = [*TINY_PIXELS, "logger=csv", "trainer.max_epochs=2", f"cache={cache}", f"hydra.run.dir={folder}"]
    assert main(arguments) == 0
    return folder


def weights(folder: Path, name: str) -> dict[str, torch.Tensor]:
    return torch.load(folder / "checkpoints" / name, weights_only=True)["state_dict"]


def assert_same_run(one: Path, other: Path, *files: str) -> None:
    for file in ("result.json", *files):
        assert (one / file).read_bytes() == (other / file).read_bytes(), file
    for name, tensor in weights(one, "last.ckpt").items():
        assert torch.equal(tensor, weights(other, "last.ckpt")[name])


def test_a_finished_run_goes_on_as_if_asked_for_from_the_start(
    short: Path, done_run: Done, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (short / "result.json").read_bytes()
    assert main([f"resume={short}", "trainer.max_epochs=3"]) == 0
    assert "tested on the same artworks again" in " ".join(capsys.readouterr().out.split())
    longer = short.with_name("run-3-epochs")
    assert_same_run(longer, done_run[0], "metrics.csv", "predictions.csv", "split.csv")
    assert json.loads((longer / "run.json").read_text())["parent"] == str(short)
    asked = yaml.safe_load((longer / "overrides.yaml").read_text())["overrides"]
    assert [text for text in asked if text.startswith("trainer.max_epochs=")] == ["trainer.max_epochs=3"]
    assert (short / "result.json").read_bytes() == before


def test_the_working_folder_may_be_the_run_that_is_extended(
    short: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    short.with_name("run-4-epochs").mkdir()
    monkeypatch.chdir(short)
    assert main(["resume=.", "trainer.max_epochs=4"]) == 2
    assert "This run has already been extended." in capsys.readouterr().err


def test_an_interrupted_run_goes_on_for_longer_in_its_folder(short: Path, done_run: Done, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(short, folder)
    (folder / "result.json").unlink()
    assert main([f"resume={folder}", "trainer.max_epochs=3", f"hydra.run.dir={tmp_path}/other"]) == 2
    assert not (tmp_path / "other").exists()
    with FileLock(folder / ".lock"):
        assert main([f"resume={folder}", "trainer.max_epochs=3"]) == 2, "another process trains in it"
    assert yaml.safe_load((folder / "config.yaml").read_text())["trainer"]["max_epochs"] == 2
    assert main([f"resume={folder}", "trainer.max_epochs=3", f"hydra.run.dir={folder}"]) == 0
    assert_same_run(folder, done_run[0], "metrics.csv")
    assert yaml.safe_load((folder / "config.yaml").read_text())["trainer"]["max_epochs"] == 3


def test_what_would_be_another_run_is_refused(short: Path, tiny_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([f"resume={short}"]) == 2
    assert f"python train.py resume={short} trainer.max_epochs=4" in capsys.readouterr().err
    assert main([f"resume={short}", "trainer.max_epochs=1"]) == 2
    assert "extended, not shortened: trainer.max_epochs: 2 → 1" in capsys.readouterr().err
    cosine, _ = tiny_run("scheduler=cosine", "trainer.max_epochs=1")
    assert main([f"resume={cosine}", "trainer.max_epochs=3"]) == 2
    told = capsys.readouterr().err
    assert "different from the start: scheduler.T_max: 1 → 3" in told
    assert f"python train.py start={cosine}" in told
    assert main([f"resume={cosine}"]) == 2
    assert f"fix: python train.py start={cosine} …   for a new run" in capsys.readouterr().err


def test_a_run_of_so_many_steps_has_no_length_to_double(tiny_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    folder, _ = tiny_run("trainer.max_epochs=null", "trainer.max_steps=24")
    assert main([f"resume={folder}"]) == 2
    assert f"fix: python train.py start={folder} …   for a new run" in capsys.readouterr().err


def test_a_run_that_ended_by_itself_would_do_so_again(
    short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(short, folder)
    result = json.loads((folder / "result.json").read_text())
    (folder / "result.json").write_text(json.dumps(result | {"epochs": 1}))
    assert main([f"resume={folder}", "trainer.max_epochs=3"]) == 2
    assert "This run ended by itself after 1 of 2 epochs, and would stop there again." in capsys.readouterr().err
    assert main([f"resume={folder}"]) == 2
    assert f"fix: python train.py start={folder} …   for a new run" in capsys.readouterr().err


def test_a_gan_goes_on_to_more_images(tiny_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    whole, _ = tiny_run(*GAN, "model.images=96", name="whole")
    first, _ = tiny_run(*GAN, "model.images=64", name="first")
    assert main([f"resume={first}", "model.images=104"]) == 2
    assert "fix: a multiple of model.report_every=32" in capsys.readouterr().err
    odd, _ = tiny_run(*GAN, "model.images=40", name="odd")
    assert main([f"resume={odd}", "model.images=64"]) == 2
    assert f"fix: python train.py start={odd} …" in capsys.readouterr().err, "no multiple helps"
    longer = first.with_name("longer")
    assert main([f"resume={first}", "model.images=96", f"hydra.run.dir={longer}"]) == 0
    assert_same_run(longer, whole, "metrics.csv", "figures/samples.png")
    assert main([f"resume={first}", "model.images=96", f"hydra.run.dir={longer}"]) == 2
    assert "This folder exists already." in capsys.readouterr().err


def test_the_same_command_again_starts_goes_on_or_is_done(
    short: Path, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [*TINY_PIXELS, "logger=csv", "trainer.max_epochs=2", f"cache={cache}", "resume=auto"]
    assert main(command) == 2
    assert "fix: resume=auto hydra.run.dir=" in capsys.readouterr().err
    assert main([*command, "hydra.run.dir=outputs/${monitor}"]) == 2
    assert "finds its folder by a fixed name" in capsys.readouterr().err
    command.append(f"hydra.run.dir={tmp_path}/run")
    assert main(command) == 0
    assert_same_run(tmp_path / "run", short, "metrics.csv")
    (tmp_path / "run/result.json").unlink()
    assert main(command) == 0
    assert_same_run(tmp_path / "run", short, "metrics.csv")
    capsys.readouterr()
    assert main(command) == 0, "a job that is started once more has not failed"
    assert main([*command, "seed=5"]) == 2
    assert "seed: 0 → 5" in capsys.readouterr().err


def test_a_new_run_begins_with_the_weights_of_another(
    done_run: Done, tiny_run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    start = [f"start={done_run[0]}", "trainer.max_epochs=1", "optimizer.lr=0"]
    folder, _ = tiny_run(*start, "seed=1", name="same")
    for name, tensor in weights(done_run[0], "best.ckpt").items():
        assert torch.equal(tensor, weights(folder, "best.ckpt")[name])
    caplog.clear()
    folder, result = tiny_run(*start, "labels=as_is", name="other")
    (told,) = [text for text in caplog.messages if text.startswith("these weights do not fit")]
    assert f"(here {len(result['classes'])}, there {len(done_run[1]['classes'])})" in told
    same = [name for name in weights(folder, "best.ckpt") if name not in told]
    assert same
    assert all(
        torch.equal(weights(folder, "best.ckpt")[name], weights(done_run[0], "best.ckpt")[name]) for name in same
    )


def test_a_run_cannot_begin_with_what_is_no_classifier(tiny_run: Run, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no run in this folder"):
        tiny_run(f"start={tmp_path}", name="refused")
    assert not (tmp_path / "refused/split.csv").exists(), "told before any data are read and W&B is started"
