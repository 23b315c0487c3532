import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from emotionart.cli.main import main
from emotionart.errors import UserError
from emotionart.files import read_yaml
from emotionart.run.folder import RunFolder
from tests.processes import imported


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    capsys.readouterr()
    assert main(["runs", *arguments]) == 0
    return capsys.readouterr().out.splitlines()


def test_runs_are_listed_with_their_outcome(
    tiny_run: Callable[..., tuple[Path, dict]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, result = tiny_run(name="good")
    with pytest.raises(UserError):
        tiny_run("labels=periods", name="bad")
    heading, good, bad = listed(capsys, str(tmp_path))
    assert heading.split() == ["state", "started", "took", "run", "outcome", "overrides"]
    assert good.startswith("done ")
    assert f"{tmp_path}/good  test accuracy {result['test']['acc']['value']:.1%}" in good
    assert "data.count=160 data.picture_size=32" in good
    assert bad.startswith("failed")
    assert "12 labels belong to no class" in bad
    for name, file, content in (
        ("cut", "run.json", '{"status": "do'),
        ("odd", "run.json", "[1]"),
        ("half", "result.json", "{}"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text('{"status": "done"}')
        (tmp_path / name / file).write_text(content)
    lines = listed(capsys, str(tmp_path))
    for name in ("cut", "odd", "half"):
        (line,) = [line for line in lines if f" {tmp_path}/{name} " in line]
        assert line.startswith("damaged ")


def test_a_run_whose_process_is_gone_is_not_running(
    done_run: tuple[Path, dict], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(done_run[0], folder)
    (folder / "result.json").unlink()
    (folder / "run.json").write_text('{"status": "running"}')
    with RunFolder(folder).lock(resume=True):
        assert listed(capsys, str(tmp_path))[1].startswith("running")
    dead = listed(capsys, str(tmp_path))[1]
    assert dead.startswith("died")
    assert f"python train.py resume={folder}" in dead


def test_runs_are_sorted_and_filtered(
    done_run: tuple[Path, dict], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, accuracy in (("a", 0.2), ("b", 0.9), ("c", 0.4)):
        shutil.copytree(done_run[0], tmp_path / name)
        result = json.loads((tmp_path / name / "result.json").read_text())
        result["test"]["acc"]["value"] = accuracy
        (tmp_path / name / "result.json").write_text(json.dumps(result))
    lines = listed(capsys, str(tmp_path), "--sort", "accuracy")
    assert [line.partition(f"{tmp_path}/")[2][0] for line in lines[1:]] == ["b", "c", "a"]
    lines = listed(capsys, str(tmp_path), "--filter", "accuracy 40.0%")
    assert len(lines) == 2
    assert main(["runs", str(tmp_path), "--filter", "model=vgg16_tl"]) == 2
    assert "None of the 3 runs here has this." in capsys.readouterr().err


def test_any_runs_are_put_side_by_side(
    done_run: tuple[Path, dict], tiny_run: Callable[..., tuple[Path, dict]], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    other, result = tiny_run("optimizer.lr=1e-2", "trainer.max_epochs=1")
    assert main(["compare", str(done_run[0]), str(other), "--out", str(tmp_path / "both")]) == 0
    told = capsys.readouterr().out
    (line,) = [line for line in told.splitlines() if "optimizer.lr=1e-2" in line]
    assert f"{100 * result['test']['acc']['value']:.1f}" in line
    page = (tmp_path / "both/report.html").read_text()
    assert 'href="./../run/"' in page
    assert page.index("has the highest test accuracy") < page.index("<table") < page.index("Every row has one seed.")
    assert main(["compare", str(other), str(tmp_path)]) == 2
    assert "There is no run in this folder." in capsys.readouterr().err


def test_runs_on_other_artworks_have_baselines_of_their_own_and_are_not_compared(
    done_run: tuple[Path, dict], tiny_run: Callable[..., tuple[Path, dict]], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    other, _ = tiny_run("data.split_seed=1")
    assert main(["compare", str(done_run[0]), str(other), "--out", str(tmp_path / "both")]) == 0
    told = capsys.readouterr().out
    assert told.count("These runs were tested on different artworks or labels, so their numbers cannot be comp") == 1
    assert "distinguishable" not in told
    for run, row in ((done_run[0], "shallow_arch1"), (other, "data.split_seed=1")):
        (majority,) = (line for line in told.splitlines() if line.startswith(f"majority for {row} "))
        own = json.loads((run / "result.json").read_text())["baselines"]["majority"]["test"]["acc"]["value"]
        assert f" {100 * own:.1f} " in majority
        assert "±" not in majority


def test_runs_whose_overrides_are_no_names_are_called_as_they_were_typed(
    done_run: tuple[Path, dict], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mine", "other"):
        shutil.copytree(done_run[0], tmp_path / name)
        kept = read_yaml(tmp_path / name / "overrides.yaml")
        kept["overrides"] += ["data=table", f"data.path=/pictures/of/somebody/{name}/labels.csv", "labels=as_is"]
        (tmp_path / name / "overrides.yaml").write_text(yaml.safe_dump(kept))
    monkeypatch.chdir(tmp_path)
    assert main(["compare", "mine", "other", "--out", "both"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in told[1:4]] == ["majority", "mine", "other"]
    assert "mine: data.path=/pictures/of/somebody/mine/labels.csv" in told
    page = (tmp_path / "both/report.html").read_text()
    assert all(part in page for part in ("<h3>mine</h3>", "other: data.path=/pictures/of/somebody/other/labels.csv"))
    assert "% other: data.path=/pictures/of/somebody/other/labels.csv" in (tmp_path / "both/table.tex").read_text()
    rows = list(csv.DictReader((tmp_path / "both/table.csv").open()))
    assert [row["row"] for row in rows] == ["majority", "mine", "other"]


def test_no_run_is_told_and_nothing_heavy_is_imported(tmp_path: Path) -> None:
    told, modules = imported("-m", "emotionart", "runs", str(tmp_path))
    assert "There is no run here." in told
    assert modules.isdisjoint({"torch", "hydra", "numpy", "matplotlib"})
