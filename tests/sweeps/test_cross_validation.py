"""A cross-validated sweep as a user meets it."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from emotionart.cli.sweep import main
from tests.sweeps.conftest import OPTIONS, Sweep

QUIET = ("repeats=2", "summary=false", "logger=none")


def ids_tested(folder: Path) -> list[str]:
    with (folder / "split.csv").open() as lines:
        return [row["id"] for row in csv.DictReader(lines) if row["part"] == "test"]


def test_every_artwork_is_tested_once_per_repeat_and_the_table_pools_them(sweep: Sweep, tmp_path: Path) -> None:
    code, told = sweep(tmp_path, *QUIET, sweep="test_folds")
    assert code == 0, told
    assert "6 ok · 0 failed" in told
    folder = tmp_path / "test_folds"
    plan = json.loads((folder / "plan.json").read_text())
    assert [cell["fold"] for cell in plan] == [[repeat, fold, 3] for repeat in range(2) for fold in range(3)]
    counts = Counter(id for cell in plan for id in ids_tested(folder / cell["folder"]))
    assert set(counts.values()) == {2}
    hits = 0
    for cell in plan:
        with (folder / cell["folder"] / "predictions.csv").open() as lines:
            hits += sum(row["class"] == row["predicted"] for row in csv.DictReader(lines) if row["part"] == "test")
    rows = {row["row"]: row for row in csv.DictReader((folder / "table.csv").open())}
    assert float(rows["features"]["acc"]) == pytest.approx(hits / (2 * len(counts)), abs=1e-5)
    assert set(rows) == {"majority", "logistic regression on 13 features of features", "features"}
    assert float(rows["features"]["acc_low"]) < float(rows["features"]["acc"])
    assert "Cross-validated in 3 folds" in told
    assert f"Test artworks: {len(counts)}." in told
    again, told = sweep(tmp_path, *QUIET, sweep="test_folds")
    assert again == 0
    assert "0 of 6 cells to run" in told


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["folds=1"], "folds is a whole number, 2 to 100, not 1"),
        (["repeats=2", "folds=null"], "Only folds can be repeated"),
    ],
)
def test_a_wrong_number_of_folds_is_told(
    given: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([f"--config-dir={OPTIONS}", "sweep=test_folds", f"folder={tmp_path}", *given]) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
