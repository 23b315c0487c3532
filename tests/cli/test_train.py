"""`train.py` as a user meets it when something is wrong; what costs a process is asked once."""

import json
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from emotionart.cli.train import main
from emotionart.config.compose import compose_sweep_with_errors
from emotionart.config.groups import SWEEP_GROUPS, group_options
from tests.conftest import ROOT, TINY_PIXELS, train
from tests.limits import limit_files
from tests.processes import Command, environment, imported


def test_help_names_every_option_and_imports_nothing_heavy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    groups = group_options()
    for group, options in ((group, groups[group]) for group in groups if group not in SWEEP_GROUPS):
        assert f"\n{group}=\n" in text
        for name, description in options.items():
            assert f"    {name:<16} {description}" in text
    assert "seed=0" in text
    assert "resume=FOLDER" in text
    keys = text.partition("Keys of every run")[2]
    assert all(f"\n    {key} " in keys for key in ("hydra.run.dir=FOLDER", "trainer.max_epochs=N"))
    assert imported("train.py", "--help")[1].isdisjoint({"torch", "hydra", "omegaconf", "numpy"})


def test_showing_a_configuration_does_not_import_torch() -> None:
    _, modules = imported("-m", "emotionart", "config", "show")
    assert "hydra" in modules
    assert "torch" not in modules


def test_a_configuration_is_shown_by_one_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["seed=1", "--cfg", "job"]) == 2
    assert "fix: emotionart config show seed=1" in capsys.readouterr().err


def test_overrides_with_hyphens_as_wandbs_agents_write_them_are_told_with_the_command_without(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--optimizer.lr=0.1", "model=cv_fc", "--augment=none"]) == 2
    told = capsys.readouterr().err
    assert "${args_no_hyphens}" in told
    assert "  where: --optimizer.lr=0.1 --augment=none\n" in told
    assert told.endswith("  fix: python train.py optimizer.lr=0.1 model=cv_fc augment=none\n")


def test_options_of_a_users_own_folder_are_in_the_help(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model/mine.yaml").write_text("# A network of mine\ndefaults: [shallow_arch1, _self_]\n")
    assert main(["--help", "--config-dir", str(tmp_path)]) == 0
    assert "    mine             A network of mine\n" in capsys.readouterr().out
    assert main(["model=mien", f"--config-dir={tmp_path}"]) == 2
    assert "fix: model=mine" in capsys.readouterr().err


def test_a_key_in_a_users_own_file_is_told_with_the_file_and_the_option_that_has_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "experiment/mine.yaml"
    mine.parent.mkdir()
    defaults = "# @package _global_\ndefaults:\n  - override /data: table\n"
    mine.write_text(f"{defaults}data:\n  path: art.csv\n  count: 30\n")
    assert main(["--config-dir", str(tmp_path), "experiment=mine"]) == 2
    told = capsys.readouterr().err
    assert f"Table has no parameter 'count', which is set in {mine}. It is a key of data=gallery." in told
    assert main(["--config-dir", str(tmp_path), "+experiment=mine"]) == 2
    assert "fix: experiment=mine" in capsys.readouterr().err
    for asked in (["--config-dir", str(mine)], ["--config-dir", str(tmp_path), "--config-name", "mine"]):
        assert main(asked) == 2
        assert "FOLDER/experiment/mine.yaml with the line # @package _global_ first" in capsys.readouterr().err


def test_several_mistakes_of_several_kinds_are_told_at_once_and_no_folder_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = f"hydra.run.dir={tmp_path}/run"
    assert main(["model.lrr=3", "model=vgg16_tll", "seed=${nope}", folder]) == 2
    keys = capsys.readouterr().err
    assert keys.startswith("3 mistakes:")
    assert all(part in keys for part in ("fix: optimizer.lr=3", "fix: model=vgg16_tl", "A value cannot be resolved"))
    assert main(["batch_size=x", "trainer.max_epochs=ten", folder]) == 2
    values = capsys.readouterr().err
    assert values.startswith("2 mistakes:")
    assert "trainer.max_epochs must be a whole number" in values
    assert main(["optimzer.lr=1", "seed=abc", folder]) == 2
    both = capsys.readouterr().err
    assert "fix: optimizer.lr=1" in both
    assert "seed must be a whole number" in both
    assert not (tmp_path / "run").exists()


def test_mistyped_names_are_told_before_torch_is_imported() -> None:
    wrong = [
        "model.lrr=3",
        "trainer.max_epoch=3",
        "optimizr=adam",
        "modle.representation.size=64",
        "batchsize=8",
        "dat.test_share=0.3",
        "model=shalow_arch2",
    ]
    program = "import sys; from emotionart.cli.train import main\nfor text in sys.argv[1:]: "
    program += "print(main([text]), text, 'torch' in sys.modules)"
    command = [sys.executable, "-c", program, *wrong]
    told = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment())
    assert told.stdout.splitlines() == [f"2 {text} False" for text in wrong]
    assert told.stderr.count("  fix: ") == len(wrong)


def test_a_multirun_with_a_wrong_choice_starts_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-m", "model=shallow_arch1,vgg17", f"hydra.sweep.dir={tmp_path}/sweep"]) == 2
    assert "There is no model 'vgg17'" in capsys.readouterr().err
    assert not (tmp_path / "sweep").exists()


def test_values_that_cannot_be_worked_out_are_told_with_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["seed=${nope}", "modle=vgg16_tl"]) == 2
    told = capsys.readouterr().err
    assert "A value cannot be resolved: Interpolation key 'nope' not found." in told
    assert "There is no key 'modle'." in told


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("hydra.run.dir=${nope}", "Interpolation key 'nope' not found.\n  where: hydra.run.dir\n"),
        ("hydra.job_logging.root.level=LOUD", "Unknown level: 'LOUD'.\n  where: hydra\n"),
    ],
)
def test_hydras_own_settings_are_told_like_any_others(
    setting: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([f"hydra.run.dir={tmp_path}/run", setting]) == 2
    assert f"Hydra cannot work with its own settings: {told}" in capsys.readouterr().err


def test_a_multirun_can_name_its_options_by_a_pattern() -> None:
    _, several = compose_sweep_with_errors(["model=glob(shallow*)", "seed=0,1"])
    assert several == []
    composed, _ = compose_sweep_with_errors(["model=glob(shallow*)"])
    assert [one.choices["model"] for one in composed] == ["shallow_arch1", "shallow_arch2"]


def unfinished(done: Path, folder: Path) -> Path:
    shutil.copytree(done, folder)
    (folder / "result.json").unlink()
    return folder


def test_a_multirun_resumes_nothing(
    done_run: tuple[Path, dict], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = unfinished(done_run[0], tmp_path / "run")
    assert main(["-m", f"resume={folder}", f"hydra.sweep.dir={tmp_path / 'several'}"]) == 2
    assert "A multirun starts new runs, and cannot resume any." in capsys.readouterr().err
    assert not (tmp_path / "several").exists()


def test_a_run_is_resumed_as_it_was_started_whatever_defaults_have_become(
    done_run: tuple[Path, dict], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = unfinished(done_run[0], tmp_path / "run")
    (folder / "overrides.yaml").write_text(
        "overrides: [model=that_was_renamed]\nchoices: {model: old, data: gallery}\n"
    )
    assert main([f"resume={folder}"]) == 0
    result = json.loads((folder / "result.json").read_text())
    assert result == {**done_run[1], "model": "old"}
    first, *rest = capsys.readouterr().out.partition("test accuracy")[2].splitlines()
    assert "the majority baseline" in first
    assert [line.partition(" ")[0] for line in rest] == ["Only", "weights", "folder:", "report:"]
    log = (folder / "run.log").read_text()
    assert "test accuracy" in log
    assert "calibration error" in log


def test_what_cannot_change_a_result_may_be_changed_on_resuming_and_nothing_else(
    done_run: tuple[Path, dict], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = unfinished(done_run[0], tmp_path / "run")
    (folder / "metrics.csv").unlink()
    assert main([f"resume={folder}", "optimizer.lr=1.0", "workers=1"]) == 2
    told = capsys.readouterr().err
    assert "optimizer.lr: 0.0003 → 1.0" in told
    assert "workers" not in told
    assert main([f"resume={folder}", "logger=none", "workers=1"]) == 0
    assert not (folder / "metrics.csv").exists()
    assert json.loads((folder / "result.json").read_text()) == done_run[1]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    for folder in ("file/run", "file/${seed}", "file"):
        assert main([f"hydra.run.dir={tmp_path}/{folder}"]) == 2
        assert f"{tmp_path / 'file'} is not a folder" in capsys.readouterr().err
    assert main(["hydra.run.dir=", "nope=1"]) == 2, "not in the working folder"
    assert "The folder for runs has no name." in capsys.readouterr().err


def test_a_mistake_in_the_data_ends_the_process_with_2_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("image,emotion\na.png,joy\n")
    (tmp_path / "a.png").write_text("words")
    refused = train("data=table", f"data.path={tmp_path}/labels.csv", "logger=none", f"hydra.run.dir={tmp_path}/run")
    assert refused.returncode == 2
    assert "fix: data.label=emotion" in refused.stderr
    assert "Error executing job" not in refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr
    assert not (tmp_path / "run").exists()


def test_a_full_disk_ends_the_process_with_1_and_can_be_resumed(tmp_path: Path, cache: Path) -> None:
    arguments = [*TINY_PIXELS, "logger=none", f"cache={cache}", f"hydra.run.dir={tmp_path}/run"]
    assert train(*arguments[:-1], "trainer.max_epochs=1", f"hydra.run.dir={tmp_path}/first").returncode == 0
    failed = Command("train", *arguments, first=partial(limit_files, 60_000)).finish()
    assert failed.returncode == 1, failed.stderr
    assert "The disk is full" in failed.stderr
    assert f"python train.py resume={tmp_path}/run" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert train(f"resume={tmp_path}/run").returncode == 0
    assert (tmp_path / "run/result.json").exists()
