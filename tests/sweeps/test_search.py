import json
import shlex
import signal
from pathlib import Path

import optuna
import pandas as pd
import pytest
from filelock import FileLock
from optuna.trial import TrialState

from emotionart.cli.main import main
from emotionart.cli.sweep import main as sweep
from emotionart.cli.train import main as train
from tests.conftest import TINY
from tests.processes import Command


def arguments(folder: Path, cache: Path, *more: str) -> list[str]:
    return [
        "tune", "model=cv_fc", "augment=none", *TINY, f"cache={cache}", "logger=none", f"folder={folder}",
        "search.trials=5", "search.startup=2", "~search.space.batch_size", "name=found", *more,
    ]  # fmt: skip


def study(folder: Path) -> optuna.Study:
    return optuna.load_study(study_name="found", storage=f"sqlite:///{folder}/found/study.db")


def test_the_best_of_a_search_is_that_of_validation(
    tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    space = "search.space.model={class_weights: [none, balanced]}"
    assert main(arguments(tmp_path, cache, space)) == 0
    trials = study(tmp_path).trials
    assert len(trials) == 5
    for trial in trials:
        folder = tmp_path / "found" / f"trial-{trial.number:04d}"
        if trial.state is TrialState.COMPLETE:
            assert json.loads((folder / "validation.json").read_text())["value"] == trial.value
        else:
            assert trial.state is TrialState.PRUNED
            assert json.loads((folder / "run.json").read_text())["status"] == "pruned"
            assert not (folder / "error.txt").exists()
    assert not list(tmp_path.rglob("result.json")) + list(tmp_path.rglob("predictions.csv")), "nothing is tested"
    told = capsys.readouterr().out.partition("To test the best: python train.py ")[2]
    best = study(tmp_path).best_trial
    assert main(arguments(tmp_path, cache, space)) == 0, "nothing is left to do"
    assert len(study(tmp_path).trials) == 5
    assert train(told.splitlines()[0].split()) == 0
    result = json.loads((tmp_path / f"found/trial-{best.number:04d}/result.json").read_text())
    assert result["monitor"]["value"] == best.value


def test_folds_of_what_is_not_test_take_turns_as_validation(
    tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(tmp_path, cache, "search.trials=1", "search.folds=3", "trainer.max_epochs=1")) == 0
    (trial,) = study(tmp_path).trials
    capsys.readouterr()
    assert main(arguments(tmp_path, cache, "search.trials=2", "search.folds=3")) == 2
    assert "of another configuration: trainer.max_epochs: 1 → 3\n" in capsys.readouterr().err
    assert len(study(tmp_path).trials) == 1, "trials of several configurations are not comparable"
    folders = [tmp_path / f"found/trial-0000/fold-{fold}" for fold in range(3)]
    values = [json.loads((folder / "validation.json").read_text())["value"] for folder in folders]
    assert trial.value == pytest.approx(sum(values) / 3)
    parts = [pd.read_csv(folder / "split.csv").set_index("id")["part"] for folder in folders]
    tested = [set(part.index[part == "test"]) for part in parts]
    validated = [set(part.index[part == "validation"]) for part in parts]
    assert tested[0] == tested[1] == tested[2]
    assert set.union(*validated) == set(parts[0].index) - tested[0]
    assert sum(map(len, validated)) == len(set.union(*validated))
    assert main(["runs", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert shown.count(", not tested") == 3
    capsys.readouterr()
    assert main(arguments(tmp_path, cache, "search.trials=1", "search.folds=3", "trainer.max_epochs=1")) == 0
    assert "data.validation_fold" not in capsys.readouterr().out.partition("To test the best: ")[2].splitlines()[0]


def test_trials_that_fail_do_not_end_the_search(
    tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = ["model.network._target_=tests.sweeps.networks.raises", "search.trials=2"]
    assert main(arguments(tmp_path, cache, *broken)) == 1
    assert [trial.state for trial in study(tmp_path).trials] == [TrialState.FAIL] * 2
    assert "0 complete · 0 ended early · 2 failed" in capsys.readouterr().out


def test_a_search_that_was_killed_goes_on_with_its_trial(tmp_path: Path, cache: Path) -> None:
    asked = arguments(tmp_path, cache, "search.trials=1", "trainer.max_epochs=20", "search.prune=false")
    command = Command("sweep", "search=optuna", *asked[1:])
    command.wait_for((tmp_path / "found/trial-0000/checkpoints/last.ckpt").exists)
    command.kill(signal.SIGKILL)
    command.finish()
    (killed,) = study(tmp_path).trials
    assert killed.state is TrialState.RUNNING
    log = tmp_path / "found/trial-0000/run.log"
    before = log.stat().st_size
    again = Command("main", *asked)
    again.wait_for(lambda: log.stat().st_size > before)
    again.signal(signal.SIGTERM)
    assert f"Interrupted; to go on: emotionart {shlex.join(asked)}" in again.finish().stderr
    assert sweep(["search=optuna", *asked[1:]]) == 0
    (finished,) = study(tmp_path).trials
    assert (finished.state, finished.params) == (TrialState.COMPLETE, killed.params)


def test_a_search_that_is_told_to_stop_goes_on_by_the_same_command_and_tests_no_trial(
    tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = arguments(tmp_path, cache, "model.network._target_=tests.sweeps.networks.stops")
    assert main(asked) == 128 + signal.SIGTERM
    assert capsys.readouterr().err.splitlines()[-1] == f"Interrupted; to go on: emotionart {shlex.join(asked)}"


def test_a_trial_that_another_process_has_is_left_to_it(tmp_path: Path, cache: Path) -> None:
    asked = arguments(tmp_path, cache, "trainer.max_epochs=1")
    assert main([*asked, "search.trials=1"]) == 0
    study(tmp_path).ask()
    with FileLock(tmp_path / "found/trial-0001.lock"):
        assert main([*asked, "search.trials=2"]) == 0
    ended = [trial.state for trial in study(tmp_path).trials]
    assert ended == [TrialState.COMPLETE, TrialState.RUNNING, TrialState.COMPLETE]
    assert json.loads((tmp_path / "found/trial-0000/provenance.json").read_text())["seconds"] > 0


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("search.space.optimizer.lr.low=1", "where: search.space.optimizer.lr"),
        ("search.space.optimizer.lr=[1,2]", "search.space.optimizer.lr is a group of keys"),
        ("+search.space.workers=3", "3 is neither a range nor a list of choices."),
        ("search.space.optimizer.lr.low=null", "'low': None, 'high': 0.01, 'log': True} is neither a range"),
        ("optimizer.lr=1e-3", "fix: without optimizer.lr=1e-3; or '~search.space.optimizer.lr' optimizer.lr=1e-3   to"),
        ("search.space={optimizer: null}", "None is neither a range nor a list of choices."),
        ("search=optunna", "fix: search=optuna"),
        ("search.folds=1", "data.validation_folds must be from 2 to 100, not 1."),
        ("search.trials=abc", "search.trials must be a whole number, not 'abc'."),
        ("search.seed=-1", "search.seed must be from 0 to 2,147,483,648, not -1."),
        ("search.startup=abc", "search.startup must be a whole number, not 'abc'."),
        ("search.prune=maybe", "search.prune must be true or false, not 'maybe'."),
        ("~search.space", "The key 'search.space' is needed, and is not there."),
        ("name=2026", "name must be text or null, not 2026."),
        ("dry_run=maybe", "dry_run must be true or false, not 'maybe'."),
        ("model=gan", "Hyperparameters are searched for classifiers, by a metric on validation."),
    ],
)
def test_a_space_that_cannot_be_searched_is_told(
    more: str, message: str, tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(tmp_path, cache, more)) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "found").exists()


def test_a_database_that_cannot_be_used_is_told(
    tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(tmp_path, cache, "search.storage=nowhere")) == 2
    assert "Optuna cannot use this database: Could not parse" in capsys.readouterr().err


def test_a_mistake_that_would_meet_every_trial_ends_the_search(
    tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [text for text in arguments(tmp_path, cache) if not text.startswith("data.")]
    assert main([*asked, "data=table", "data.path=away.csv"]) == 2
    assert "There is no such table." in capsys.readouterr().err
    assert [trial.state for trial in study(tmp_path).trials] == [TrialState.FAIL]


def test_a_trial_has_a_log_and_a_search_a_seed(tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(tmp_path, cache, "search.trials=1", "seed=4", "trainer.max_epochs=1")) == 0
    assert "epoch 1 of 1" in (tmp_path / "found/trial-0000/run.log").read_text()
    assert "epoch 1 of 1" not in capsys.readouterr().out
    assert "seed: 4" in (tmp_path / "found/trial-0000/config.yaml").read_text()
