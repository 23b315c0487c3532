"""Mistakes in the arguments of a sweep or a search, told before anything starts."""

from pathlib import Path

import pytest

from emotionart.cli.sweep import main
from tests.sweeps.conftest import OPTIONS


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("sweep=results_tabel", "fix: sweep=results_table"),
        ("dryrun=true", "fix: dry_run=true"),
        ("model.lrr=3", "fix: optimizer.lr=3"),
        ("rerun=failde", "rerun is one of none, failed, stale, all"),
        ("seed=3", "fix: seeds=[3]"),
        ("model=cv_fcc", "fix: model=cv_fc"),
        ("-m", "sweep.py has no option -m"),
        ("seeds=2", "fix: seeds=[0,1]"),
        ("seeds=[0,0]", "Seeds are a list of different whole numbers from 0, not [0, 0]."),
        ("seeds=[a]", "fix: seeds=[0,1,2]"),
        ("rows=null", "rows must be a mapping, not None."),
        ("~seeds", "The key 'seeds' is needed, and is not there."),
        ("common=null", "common must be a list of texts, not None."),
        ("name=2026", "name must be text or null, not 2026."),
        ("rows.pixels=[5]", "pixels has a list of overrides, not [5]."),
        ("folds=3 data.fold=1", "A sweep with folds=3 runs each of them."),
        ("resume=auto", "A sweep takes no run to resume"),
        ("+grid.seed=[0,1]", "Each row is run with every one of seeds."),
        ("+grid.batch_size=8", "fix: batch_size: [8]"),
        ("hydra/launcher=jblib", "did you mean: joblib"),
        ("hydra.launcher.n_job=2", "Hydra refuses this launcher"),
        ("search=optuna", "A search takes its model from overrides, not from a sweep."),
    ],
)
def test_a_mistake_is_told_before_anything_starts(
    argument: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([f"hydra.searchpath=[{OPTIONS}]", "sweep=test_rows", f"folder={tmp_path}", *argument.split()]) == 2
    assert message in capsys.readouterr().err
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Which sweep?"),
        (["search=optuna", "rerun=all"], "A search does not use this."),
        (["search=optuna", "hydra/launcher=joblib"], "A search does not use this."),
    ],
)
def test_a_sweep_or_a_search_is_named(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert message in capsys.readouterr().err
