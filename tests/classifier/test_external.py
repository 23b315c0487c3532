"""A finished run, tested on another table."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from emotionart.cli.main import main

Done = tuple[Path, dict]


def write_table(path: Path, rows: list[tuple[str, str, str]]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("image", "label", "artist"), *rows])
    return path


def of_part(run: Path, part: str) -> list[tuple[str, str, str]]:
    split = pd.read_csv(run / "split.csv", dtype=str, na_filter=False).query("part == @part")
    return [(row["image"], row["class"], row["group"]) for _, row in split.iterrows()]


@pytest.fixture
def asked(cache: Path, done_run: Done) -> list[str]:
    """Overrides under which the gallery's pictures, whose compositions recur, are no copies."""
    return [f"cache={cache}", "data.near_duplicates=null"]


def test_the_runs_own_test_works_give_its_own_test_result(
    done_run: Done, asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, result = done_run
    learnt, validated, tested = (of_part(run, part) for part in ("train", "validation", "test"))
    table = write_table(tmp_path / "other.csv", [*learnt[:5], *validated[:2], *tested])
    out = tmp_path / "found"
    assert main(["test", str(run), str(table), *asked, "--out", str(out)]) == 0
    found = json.loads((out / "result.json").read_text())
    assert found["overlap"] == {
        "left_out": 7, "validation": 2, "tested": len(tested), "same": 7, "copies": 0,
        "of_known_artists": 0, "missing": 0,
    }  # fmt: skip
    assert found["test"]["n"] == len(tested)
    hard = ("acc", "balanced_acc", "f1_macro", "nll")
    for name in hard:
        assert found["test"][name] == pytest.approx(result["test"][name], abs=1e-6), "intervals, too"
    majority = found["baselines"]["majority"]["test"]["acc"]["value"]
    assert majority == result["baselines"]["majority"]["test"]["acc"]["value"], "the run's training majority"
    before = found["calibration"]["before"]["test"]["nll"]["value"]
    assert before == pytest.approx(result["calibration"]["before"]["test"]["nll"]["value"], abs=1e-6)
    assert found["own_test"] == result["test"]["acc"]
    ours = pd.read_csv(out / "predictions.csv").set_index("image").filter(like="p(")
    theirs = pd.read_csv(run / "predictions.csv").query("part == 'test'").set_index("image").filter(like="p(")
    np.testing.assert_allclose(ours.loc[theirs.index], theirs, atol=1e-6)
    page = (out / "report.html").read_text()
    told = capsys.readouterr().out
    for text in (told, page):
        assert "7 works are left out, because the run has learnt from them (5 in training, 2 in validation)" in text
    assert f"nothing new is tested: all {len(tested)} works are among the run's own test works" in told
    assert f"test accuracy {found['test']['acc']['value']:.1%}" in told
    assert "emotionart test" in page
    assert main(["test", str(run), str(table), *asked, "--out", str(out)]) == 2
    assert "no file is overwritten" in capsys.readouterr().err


def test_copies_and_artists_of_what_was_learnt_are_known_again(
    done_run: Done, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own, _ = done_run
    run = tmp_path / "run"
    shutil.copytree(own, run)
    split = pd.read_csv(run / "split.csv", dtype=str, na_filter=False)
    learnt = split.index[split["part"] == "train"]
    split.loc[learnt[0], "group"] = "Élisabeth Vigée"
    split.loc[learnt[1], "image"] = f"{tmp_path}/gone.png"
    split.to_csv(run / "split.csv", index=False)
    picture, label = split.loc[learnt[0], ["image", "class"]]
    generator = np.random.default_rng(0)
    rows = []
    for number in range(8):
        small = Image.fromarray(generator.integers(0, 256, (4, 4, 3), dtype=np.uint8))
        small.resize((64, 64), Image.Resampling.BICUBIC).save(tmp_path / f"{number}.png")
        rows.append((f"{number}.png", split["class"].unique()[number % 2], "elisabeth vigee" if number < 3 else ""))
    Image.open(picture).convert("RGB").transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / "copy.png")
    table = write_table(tmp_path / "other.csv", [*rows, ("copy.png", label, "")])
    assert main(["test", str(run), str(table), f"cache={cache}"]) == 0
    found = json.loads((run / "tests/other/result.json").read_text())
    assert found["overlap"] == {
        "left_out": 1, "validation": 0, "tested": 0, "same": 0, "copies": 1, "of_known_artists": 3, "missing": 1,
    }  # fmt: skip
    assert found["test"]["n"] == 8
    assert found["test"]["groups"] == 6, "an artist's works count as one"
    told = capsys.readouterr().out
    assert "3 of the 8 works are by artists from whom the run has learnt" in told
    assert "1 pictures that the run was trained on are no longer where they were" in told


def test_labels_of_other_classes_and_works_that_are_known_are_refused(
    done_run: Done, asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, result = done_run
    table = write_table(tmp_path / "known.csv", of_part(run, "validation"))
    assert main(["test", str(run), str(table), *asked]) == 2
    assert f"The run was trained on all {result['validation']['n']} works" in capsys.readouterr().err
    tested = of_part(run, "test")
    write_table(tmp_path / "other.csv", [(tested[0][0], "boredom", ""), *tested[1:]])
    assert main(["test", str(run), str(tmp_path / "other.csv"), *asked, "labels=as_is"]) == 2
    assert "boredom" in capsys.readouterr().err
    assert main(["test", str(run), str(table), *asked, "labels=quantiles"]) == 2
    assert "between quantiles of its own training artworks" in capsys.readouterr().err
    assert main(["test", str(run), str(table), *asked, "labels.classes={x: [a], y: [b]}"]) == 2
    assert f"than this run knows ({', '.join(result['classes'])})" in capsys.readouterr().err
    assert not (run / "tests").exists()
