"""A sweep as a user meets it: whole, interrupted, resumed, partly broken."""

import csv
import json
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from emotionart.cli.main import main as emotionart
from emotionart.cli.sweep import main
from emotionart.config.compose import compose
from emotionart.sweeps.plan import plan_jobs
from tests.conftest import ROOT, TINY, train
from tests.processes import Command, environment
from tests.sweeps.conftest import OPTIONS, Sweep, arguments
from tests.wandb_log import read_offline_runs

TABLES = ("table.csv", "table.md", "table.tex", "table.png")


@pytest.fixture(scope="module")
def whole(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep that nothing has interrupted, tracked by W&B offline."""
    folder = tmp_path_factory.mktemp("whole")
    finished = subprocess.run(
        [sys.executable, "sweep.py", *arguments(cache, folder)],
        capture_output=True, text=True, env=environment(), cwd=ROOT, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    assert "4 ok · 0 failed" in finished.stdout
    assert re.findall(r"· (\d of 4) ended, about \d+ (?:s|min) left", finished.stdout) == ["1 of 4", "2 of 4", "3 of 4"]
    return folder / "test_rows"


@pytest.fixture
def done(whole: Path, tmp_path: Path) -> Path:
    """The same of one's own, to change: of its four cells, `seeds=[0]` asks for two."""
    return shutil.copytree(whole, tmp_path / "test_rows")


def cells(folder: Path) -> list[Path]:
    return [folder / cell["folder"] for cell in json.loads((folder / "plan.json").read_text())]


def test_a_sweep_ends_in_a_table(whole: Path) -> None:
    rows = list(csv.DictReader((whole / "table.csv").open()))
    assert [row["row"] for row in rows] == [
        "majority",
        "logistic regression on 13 features of features",
        "features",
        "pixels",
        "features, ensemble",
        "pixels, ensemble",
    ]
    for row, folders in zip(rows[2:4], (cells(whole)[:2], cells(whole)[2:]), strict=True):
        results = [json.loads((folder / "result.json").read_text()) for folder in folders]
        accuracies = [result["test"]["acc"]["value"] for result in results]
        assert float(row["acc"]) == pytest.approx(sum(accuracies) / 2, abs=1e-5)
        assert (row["runs"], row["missing_seeds"]) == ("2", "")
    assert "| features | 2 |" in (whole / "table.md").read_text()
    assert r"\toprule" in (whole / "table.tex").read_text()


def test_the_same_command_again_skips_what_is_done(whole: Path, sweep: Sweep) -> None:
    before = {file: (whole / file).read_bytes() for file in TABLES}
    code, told = sweep(whole.parent)
    assert code == 0
    assert "4 cells done before; none was left to run" in told
    assert {file: (whole / file).read_bytes() for file in TABLES} == before


def test_a_cell_is_the_same_run_alone(whole: Path, cache: Path, tmp_path: Path) -> None:
    asked = ["model=shallow_arch1", "model.representation.size=16", "seed=1"]
    alone = train(*TINY, *asked, f"cache={cache}", "logger=none", f"hydra.run.dir={tmp_path}/alone")
    assert alone.returncode == 0, alone.stderr
    for file in ("result.json", "predictions.csv"):
        assert (tmp_path / "alone" / file).read_bytes() == (cells(whole)[3] / file).read_bytes()


def test_each_cell_is_a_run_of_the_sweeps_group_and_the_table_one_more(whole: Path) -> None:
    for folder in cells(whole):
        assert not list(folder.glob("figures/*.png")), "they are drawn when somebody asks for them"
        (run,) = read_offline_runs(folder)
        assert (run.name, run.group, run.exit_code) == (folder.name, "test_rows", 0)
        assert run.config["sweep"] == "test_rows"
    (summary,) = read_offline_runs(whole)
    assert (summary.group, summary.exit_code) == ("test_rows", 0)
    assert any("table" in key for row in summary.history for key in row)
    assert any("figures/table" in key for row in summary.history for key in row)


def test_a_cell_that_is_resumed_by_itself_stays_in_its_row(done: Path) -> None:
    cell = cells(done)[0]
    (cell / "result.json").unlink()
    assert train(f"resume={cell}").returncode == 0
    runs = read_offline_runs(cell)
    assert [(run.group, run.config["sweep"], run.config["row"]) for run in runs] == [
        ("test_rows", "test_rows", "features")
    ] * 2


def test_what_other_code_has_made_is_told_and_can_be_repeated(done: Path, sweep: Sweep, tmp_path: Path) -> None:
    provenance = cells(done)[0] / "provenance.json"
    provenance.write_text(json.dumps(json.loads(provenance.read_text()) | {"code": "another"}))
    _, told = sweep(tmp_path, "logger=none", "seeds=[0]")
    assert "1 by other code were made; to repeat them: rerun=stale" in told
    _, told = sweep(tmp_path, "logger=none", "seeds=[0]", "rerun=stale")
    assert "1 ok · 0 failed · 1 done before" in told
    assert len(list((done / "replaced").glob("*/features-s0-*/result.json"))) == 1


def test_rows_that_cannot_work_cost_nobody_else_anything(sweep: Sweep, tmp_path: Path) -> None:
    code, told = sweep(tmp_path, sweep="test_odd")
    assert code == 1
    assert "1 ok · 3 failed" in told
    folder = tmp_path / "test_odd"
    failed = {line.partition(": ")[2] for line in told.splitlines() if line.startswith("failed: ")}
    raises, exhausts, refused, good = cells(folder)
    assert failed == {
        f"{raises}: this network is broken",
        f"{exhausts}: no memory for this network",
        f"{refused}: There is no key 'optimizer.lrr'.",
    }
    assert (good / "result.json").exists()
    for folder_of_failed in (raises, exhausts):
        (run,) = read_offline_runs(folder_of_failed)
        assert (run.exit_code, run.tags) == (1, ("failed",))
        assert "Traceback" in (folder_of_failed / "error.txt").read_text()
    rows = list(csv.DictReader((folder / "table.csv").open()))
    assert {row["row"]: row["acc"] == "" for row in rows if row["runs"] in "01" and row["missing_seeds"]} == {
        "raises": True, "no memory": True, "bad override": True,
    }  # fmt: skip
    assert "0 ok · 3 failed · 1 done before" in sweep(tmp_path, "logger=none", sweep="test_odd")[1]
    _, retried = sweep(tmp_path, "logger=none", "rerun=failed", "fail_fast=true", sweep="test_odd")
    assert "[1/2] raises, seed 0" in retried
    assert "[2/2] no memory, seed 0" not in retried, "the first failure keeps the rest from starting"


@pytest.mark.slow
def test_five_kills_change_no_byte_of_the_table(whole: Path, cache: Path, sweep: Sweep, tmp_path: Path) -> None:
    moments, plan = random.Random(0), tmp_path / "test_rows/plan.json"
    for _ in range(5):
        before = plan.stat().st_mtime_ns if plan.exists() else 0
        command = Command("sweep", *arguments(cache, tmp_path, "logger=csv"))
        command.wait_for(lambda before=before: plan.exists() and plan.stat().st_mtime_ns != before)
        time.sleep(moments.uniform(0, 4))
        command.kill(signal.SIGKILL)
        command.finish()
    assert sweep(tmp_path, "logger=csv")[0] == 0
    for file in TABLES:
        assert (tmp_path / "test_rows" / file).read_bytes() == (whole / file).read_bytes(), file
    for broken, unbroken in zip(cells(tmp_path / "test_rows"), cells(whole), strict=True):
        assert broken.name == unbroken.name
        assert (broken / "result.json").read_bytes() == (unbroken / "result.json").read_bytes()


def test_an_override_of_what_the_grid_varies_is_refused_and_its_fix_works(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [*arguments(cache, tmp_path, "seeds=[0]", "dry_run=true", "+grid={optimizer.lr: [1e-3,1e-2]}")]
    assert main([*asked, "optimizer.lr=0.5"]) == 2
    told = capsys.readouterr().err
    assert "The grid varies optimizer.lr" in told
    (fix,) = shlex.split(told.partition("fix: ")[2])
    assert main([*asked, fix]) == 0
    assert "features-optimizer.lr-0.5-s0-" in capsys.readouterr().out


def test_a_repetition_that_is_interrupted_goes_on_without_repeating(done: Path, cache: Path, tmp_path: Path) -> None:
    before = (done / "plan.json").stat().st_mtime_ns
    command = Command("sweep", *arguments(cache, tmp_path, "logger=none", "seeds=[0]", "rerun=all"))
    command.wait_for(lambda: (done / "plan.json").stat().st_mtime_ns > before)
    command.wait_for(lambda: any((cell / "run.json").exists() for cell in cells(done)))
    command.signal(signal.SIGTERM)
    told = command.finish().stderr
    assert "Interrupted; to go on: python sweep.py" in told
    assert "rerun=all" not in told


def test_a_dry_run_runs_nothing(tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments(cache, tmp_path, sweep="test_odd"), "dry_run=true"]) == 0
    text = capsys.readouterr().out
    assert "4 cells, 3 to run" in text
    assert "new      good-s0-" in text
    assert "bad override: There is no key 'optimizer.lrr'." in text
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    "point",
    [
        {"optimizer.lr": [1e-3, 2e-3], "labels.unknown": ["drop"]},
        {"optimizer": ["adam", "sgd"]},  # of a group
        {"data.count": [200]},  # which a cell's own overrides win over
        {"trainer.devices": [1], "scheduler": ["cosine"], "optimizer.weight_decay": [0.5]},
    ],
)
def test_a_point_of_the_grid_is_what_its_command_composes(point: dict[str, list[Any]]) -> None:
    config = compose([f"hydra.searchpath=[{OPTIONS}]", "sweep=test_rows"], "sweep").config
    config.grid = point
    jobs = plan_jobs(config, ["data.count=160"], Path("anywhere"))
    assert len({job.name for job in jobs}) == len(jobs)
    for job in jobs:
        assert not job.mistakes
        assert compose(job.overrides).resolved() == job.config


def test_an_interrupted_cell_that_no_launcher_starts_is_not_failed(done: Path, sweep: Sweep, tmp_path: Path) -> None:
    cell = cells(done)[0]
    (cell / "result.json").unlink()
    (cell / "run.json").write_text(json.dumps({"status": "interrupted", "wandb_id": None}))
    code, told = sweep(tmp_path, "logger=none", "seeds=[0]", "hydra/launcher=submitit_slurm")
    assert code == 1
    assert "The launcher cannot start a cell: hydra/launcher=submitit_slurm" in told
    assert "0 ok · 0 failed · 1 done before · 1 unfinished" in told
    assert "1 ok · 0 failed · 1 done before" in sweep(tmp_path, "logger=none", "seeds=[0]")[1]


def test_a_cell_that_another_process_runs_is_left_to_it(done: Path, sweep: Sweep, tmp_path: Path) -> None:
    with FileLock(cells(done)[0] / ".lock"):
        _, told = sweep(tmp_path, "logger=none", "seeds=[0]", "rerun=all")
    assert "1 cells are run by another process" in told
    assert "1 ok · 0 failed · 1 done before" in told


def test_two_sweeps_of_one_name_share_the_work(sweep: Sweep, cache: Path, tmp_path: Path) -> None:
    plan = tmp_path / "test_rows" / "plan.json"
    other = Command("sweep", *arguments(cache, tmp_path, "logger=none", "seeds=[0]"))
    other.wait_for(plan.exists)
    sweep(tmp_path, "logger=none", "seeds=[0]")
    assert other.finish().returncode in (0, 1)
    assert sweep(tmp_path, "logger=none", "seeds=[0]")[0] == 0
    assert not (tmp_path / "test_rows" / "replaced").exists()
    assert {json.loads((cell / "run.json").read_text())["status"] for cell in cells(tmp_path / "test_rows")} == {"done"}
    assert not list(tmp_path.glob("test_rows/*/error.txt"))


def test_a_multirun_of_train_can_be_compared_too(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    several = train(
        "-m", *TINY, f"cache={cache}", "logger=none", "model=cv_fc,cv_fc_literal", "seed=0,1",
        f"hydra.sweep.dir={tmp_path}/multi",
    )  # fmt: skip
    assert several.returncode == 0, several.stderr
    assert emotionart(["table", f"{tmp_path}/multi", "--format", "csv"]) == 0
    rows = {row["row"]: row for row in csv.DictReader(capsys.readouterr().out.splitlines())}
    models = ["cv_fc", "cv_fc_literal"]
    baselines = [f"logistic regression on 13 features of {model}" for model in models]
    assert list(rows) == ["majority", *baselines, *models, *(f"{model}, ensemble" for model in models)]
    assert rows["cv_fc"]["runs"] == rows["cv_fc_literal"]["runs"] == "2"
    assert emotionart(["report", f"{tmp_path}/multi"]) == 0
    assert (tmp_path / "multi" / "report.html").exists()


def test_a_folder_without_runs_cannot_be_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert emotionart(["table", str(tmp_path)]) == 2
    assert "This folder holds no runs to compare." in capsys.readouterr().err
