import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from emotionart.cli.main import main


def test_tables_and_a_page_of_a_runs_units(
    done_run: tuple[Path, dict], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, result = done_run
    out = tmp_path / "units"
    assert main(["units", str(folder), "--out", str(out), "--n", "3"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(out / "units.html")
    losses = list(csv.DictReader((out / "losses.csv").open()))
    assert list(losses[0]) == ["unit", *result["classes"]]
    found = list(csv.DictReader((out / "detections.csv").open()))
    assert {row["mark"].partition(" ")[0] for row in found} == {"tag", "high"}
    assert len({(row["unit"], row["mark"]) for row in found}) == len(found)
    assert {int(row["unit"]) for row in found} == {*range(len(losses))}
    page = (out / "units.html").read_text()
    assert page.count('<section class="unit"') == 3
    assert page.count("<figure>") == 18
    assert main(["units", str(folder), "--out", str(out)]) == 2
    assert main(["units", str(tmp_path), "--out", str(tmp_path / "none")]) == 2
    assert "has no result" in capsys.readouterr().err


def test_named_features_have_no_units(
    tiny_run: Callable[..., tuple[Path, dict]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = tiny_run("model=cv_fc", "augment=none", "trainer.max_epochs=1", pixels=False)
    assert main(["units", str(folder), "--out", str(tmp_path / "units")]) == 2
    assert "takes named features" in capsys.readouterr().err
