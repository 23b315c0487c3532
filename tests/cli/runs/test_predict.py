import csv
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.stats

import emotionart
from emotionart.cli.main import main
from emotionart.config.compose import compose
from emotionart.pipeline import run
from emotionart.predict.journal import Journal, open_journal
from emotionart.predict.prediction import Prediction
from tests.conftest import TINY_PIXELS


def test_any_pictures_are_predicted_as_the_run_predicted_them(
    tiny_run: Callable[..., tuple[Path, dict]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, result = tiny_run()
    images = [row["image"] for row in csv.DictReader((folder / "split.csv").open())][:3]
    ids = [row["id"] for row in csv.DictReader((folder / "split.csv").open())][:3]
    own = {row["id"]: row for row in csv.DictReader((folder / "predictions.csv").open())}
    assert main(["predict", str(folder), *images, "--out", f"{tmp_path}/new/found.csv"]) == 0
    found = list(csv.DictReader((tmp_path / "new/found.csv").open()))
    assert [row["image"] for row in found] == images
    for row, id in zip(found, ids, strict=True):
        shares = {name: float(row[f"p({name})"]) for name in result["classes"]}
        assert shares == pytest.approx({name: float(own[id][f"p({name})"]) for name in shares}, abs=2e-6)
        assert row["class"] == max(shares, key=shares.__getitem__)
    parts = [row["part"] for row in csv.DictReader((folder / "split.csv").open())][:3]
    learnt = sum(part != "test" for part in parts)
    assert learnt
    assert f"This run has learnt from {learnt} of these 3 pictures" in capsys.readouterr().err
    assert main(["predict", str(folder), images[0]]) == 0
    assert capsys.readouterr().out.split()[:2] == [found[0]["class"], images[0]]
    assert main(["predict", str(folder), images[0], "--out", f"{tmp_path}/new/found.csv"]) == 2
    (tmp_path / "bad.png").write_bytes(b"no picture")
    assert main(["predict", str(folder), images[0], f"{tmp_path}/bad.png"]) == 2
    assert f"{tmp_path}/bad.png (" in capsys.readouterr().err
    odd = tmp_path / "=1+1.png"
    odd.write_bytes(Path(images[0]).read_bytes())
    (tmp_path / "worse.png").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    for name, given in (("kept.csv", []), ("plain.csv", ["--no-spreadsheet"])):
        assert main(["predict", str(folder), "bad.png", odd.name, images[1], "worse.png", "--out", name, *given]) == 2
        told = capsys.readouterr().err
        assert "2 of 4 pictures" in told
        assert "    bad.png (" in told
        assert "    worse.png (an empty file)" in told
        kept = [row["image"] for row in csv.DictReader((tmp_path / name).open())]
        assert kept == [odd.name if given else f"'{odd.name}", images[1]]
    (folder / "result.json").unlink()
    assert main(["predict", str(folder), images[0]]) == 0
    assert "This run has not finished" in capsys.readouterr().err
    assert main(["predict", str(tmp_path), images[0]]) == 2
    assert "There is no run in this folder" in capsys.readouterr().err


def test_runs_that_come_last_are_told_with_the_right_command(
    done_run: tuple[Path, dict], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, images = str(done_run[0]), str(tmp_path / "my images")
    for typed, told, where, fix in (
        ([images, run], "The folders of runs come first", images, f"emotionart predict {run} '{images}'"),
        ([*"abcde", run], "The folders of runs come first", "a", f"emotionart predict {run} PICTURES…"),
        ([run, run], "No pictures are given.", f"{run} {run}", "emotionart predict RUN… PICTURES…"),
        ([images], "There is no run in this folder.", images, "emotionart runs   lists all runs"),
    ):
        assert main(["predict", *typed]) == 2
        first, second, *_, last = capsys.readouterr().err.splitlines()
        assert first.startswith(told)
        assert (second, last) == (f"  where: {where}", f"  fix: {fix}")
    assert main(["predict", f"{run}x", run, images]) == 2
    assert f"There is no run in this folder.\n  where: {run}x\n  did you mean: {run}\n" in capsys.readouterr().err


@pytest.fixture(scope="module")
def two_runs(
    done_run: tuple[Path, dict], cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[str], list[str]]:
    """Folders of two runs of one split, and eight pictures of their validation part."""
    other = tmp_path_factory.mktemp("other") / "seed1"
    other.mkdir()
    asked = [f"cache={cache}", *TINY_PIXELS, "logger=none", "seed=1", "trainer.max_epochs=1"]
    composed = compose(asked)
    run(composed, other)
    images = pd.read_csv(other / "split.csv").query("part == 'validation'")["image"].tolist()
    return [str(done_run[0]), str(other)], images[:8]


def test_what_a_run_has_learnt_from_is_told_with_ray_too(
    done_run: tuple[Path, dict], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray", reason="the extra ray is not installed")
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")  # nothing answers here: it is told before Ray starts
    split = pd.read_csv(done_run[0] / "split.csv")
    images = [split["image"][split["part"] == part].iloc[0] for part in ("train", "test")]
    link = tmp_path / "link.png"
    link.symlink_to(images[0])
    asked = ["predict", str(done_run[0]), str(link), images[1], "--engine", "ray", "--out", f"{tmp_path}/found"]
    assert main(asked) == 2
    told = capsys.readouterr().err
    assert "This run has learnt from 1 of these 2 pictures" in told
    assert "No cluster answers here" in told


def test_several_runs_are_averaged_and_their_sets_hold_what_the_threshold_says(
    two_runs: tuple[list[str], list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs, images = two_runs
    tables = {}
    for ending in ("csv", "tsv", "parquet", "jsonl"):
        out = tmp_path / f"found.{ending}"
        assert main(["predict", *runs, *images, "--sets", "0.8", "--out", str(out)]) == 0
    tables["csv"] = pd.read_csv(tmp_path / "found.csv")
    tables["tsv"] = pd.read_csv(tmp_path / "found.tsv", sep="\t")
    tables["parquet"] = pd.read_parquet(tmp_path / "found.parquet")
    tables["jsonl"] = pd.read_json(tmp_path / "found.jsonl", lines=True)
    assert {path.name for path in tmp_path.iterdir()} == {f"found.{ending}" for ending in tables}, "no journal is left"
    predictions = [pd.read_csv(Path(folder) / "predictions.csv").set_index("id") for folder in runs]
    every = [one.query("part == 'validation'") for one in predictions]
    shares = sum(one.filter(like="p(") for one in every) / 2
    true = np.array([shares.loc[id, f"p({name})"] for id, name in every[0]["class"].items()])
    threshold = np.sort(true)[::-1][int(np.ceil((len(true) + 1) * 0.8)) - 1]
    split = pd.read_csv(Path(runs[0]) / "split.csv").set_index("image")
    for ending, table in tables.items():
        assert table["image"].tolist() == images
        expected = shares.loc[split.loc[images, "id"]]
        np.testing.assert_allclose(table[shares.columns], expected, atol=3e-6, err_msg=ending)
        np.testing.assert_allclose(table["entropy"], scipy.stats.entropy(expected, axis=1), atol=1e-4)
        assert (table["mutual_information"] > 0).all()
        for row, members in enumerate(table["set"]):
            names = members.split("; ") if isinstance(members, str) else list(members)
            above, near = (
                {name[2:-1] for name, share in expected.iloc[row].items() if share >= threshold + sign * 1e-5}
                for sign in (1, -1)  # one of these pictures may have set the threshold
            )
            assert above | {table["class"][row]} <= set(names) <= near | {table["class"][row]}, ending
    capsys.readouterr()
    assert main(["predict", *runs, images[0], "--sets", "0.8"]) == 0
    told = capsys.readouterr().out
    assert "{" + ", ".join(tables["jsonl"]["set"][0]) + "}" in told
    assert "runs disagree by" in told


def test_a_killed_command_goes_on_where_it_was(
    two_runs: tuple[list[str], list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs, images = two_runs
    whole, resumed, part = tmp_path / "whole.csv", tmp_path / "resumed.csv", tmp_path / "resumed.csv.part"
    assert main(["predict", runs[0], *images, "--out", str(whole)]) == 0
    classes = emotionart.load_run(runs[0]).classes
    with open_journal(resumed, [Path(runs[0])], thumbnails=False) as journal:
        journal.append([Prediction(images[0], probabilities=(1.0, *[0.0] * (len(classes) - 1)))])
        assert main(["predict", runs[0], *images, "--out", str(resumed)]) == 2
        assert "Another command is working on this output" in capsys.readouterr().err
    with part.open("a") as file:
        file.write('{"image": "' + images[1])  # where the process was killed
    other = ["predict", runs[1], *images, "--out", str(resumed)]
    assert main(other) == 2
    assert "unfinished predictions by other runs" in capsys.readouterr().err
    assert main(["predict", runs[0], *images, "--out", str(resumed)]) == 0
    assert "1 of 8 pictures were predicted before" in capsys.readouterr().err
    before, after = pd.read_csv(whole), pd.read_csv(resumed)
    assert after[f"p({classes[0]})"][0] == 1, "it was not predicted again"
    pd.testing.assert_frame_equal(after[1:], before[1:])
    assert not part.exists()
    assert not list(tmp_path.glob(".*")), "nor is the lock left"


@pytest.mark.parametrize("left", ["", '{"weights": ["'])
def test_a_journal_whose_first_line_was_not_finished_begins_anew(tmp_path: Path, left: str) -> None:
    part = tmp_path / "made.csv.part"
    part.write_text(left)
    assert not list(Journal(part, {"weights": ["a"], "thumbnails": False}))
    assert list(part.read_text().splitlines()) == ['{"weights": ["a"], "thumbnails": false}']


def test_pictures_are_named_by_patterns_and_tables_too(
    two_runs: tuple[list[str], list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    runs, images = two_runs
    art = tmp_path / "art"
    art.mkdir()
    for index, name in enumerate(("b.png", "a.png")):
        (art / name).write_bytes(Path(images[index]).read_bytes())
    (art / "notes.txt").write_text("no picture")
    (art / "list.csv").write_text("file,artist\nb.png,x\ngone.png,y\n")

    def predicted(*given: str, code: int = 0) -> list[str]:
        out = tmp_path / f"{len(list(tmp_path.iterdir()))}.csv"
        assert main(["predict", runs[0], *given, "--out", str(out)]) == code
        return [Path(name).name for name in pd.read_csv(out)["image"]]

    assert predicted(f"{art}/*") == ["a.png", "b.png"]
    assert predicted(str(art / "b.png"), f"{tmp_path}/**/*.png") == ["b.png", "a.png"]
    assert predicted(f"{art}/list.csv", "--image", "file", code=2) == ["b.png"]
    assert "gone.png (not there)" in capsys.readouterr().err
    assert predicted(f"{art}/list.csv", "--image", "file", "--on-bad", "skip") == ["b.png"]
    assert "1 of 2 pictures cannot be read, and are left out" in caplog.text


def test_every_unreadable_picture_is_named_and_may_be_skipped(
    two_runs: tuple[list[str], list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs, images = two_runs
    bad = [tmp_path / f"bad/{number:02}.png" for number in range(55)]
    bad[0].parent.mkdir()
    for path in bad:
        path.write_bytes(b"")
    assert main(["predict", runs[0], f"{tmp_path}/bad", images[0], "--out", f"{tmp_path}/found.csv"]) == 2
    assert len(pd.read_csv(tmp_path / "found.csv")) == 1
    assert f"and 5 more: {tmp_path}/found.csv.unreadable.txt lists all" in capsys.readouterr().err
    listed = pd.read_csv(tmp_path / "found.csv.unreadable.txt", sep="\t", names=["image", "reason"])
    assert listed["image"].tolist() == list(map(str, bad))
    assert main(["predict", runs[0], str(bad[0]), "--out", f"{tmp_path}/none.csv", "--on-bad", "skip"]) == 0
    assert not (tmp_path / "none.csv").exists()


def test_a_name_that_is_no_utf8_is_told_and_the_others_are_kept(
    two_runs: tuple[list[str], list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs, images = two_runs
    (tmp_path / os.fsdecode(b"caf\xe9.png")).write_bytes(Path(images[0]).read_bytes())
    assert main(["predict", runs[0], str(tmp_path), images[0], "--out", f"{tmp_path}/found.csv"]) == 2
    assert rf"{tmp_path}/caf\udce9.png (a name that is no UTF-8" in capsys.readouterr().err
    assert pd.read_csv(tmp_path / "found.csv")["image"].tolist() == [images[0]]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["nothing/*.png"], "No picture matches this pattern"),
        (["{art}/list.csv"], "no column 'image'; it has file"),
        (["{art}/list.csv", "--image", "file"], "None of the 1 pictures that this table names is there"),
        ([], "No pictures are given"),
        (["{art}/list.csv", "--out", "found.txt"], "files that end in .csv"),
        (["{image}", "--page", "{art}/list.csv"], "fix: another --page"),
        (["{image}", "--sets", "0.99"], "Sets that hold the true class in 99% need 99 validation artworks"),
    ],
)
def test_what_cannot_be_predicted_is_told(
    two_runs: tuple[list[str], list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    given: list[str], told: str,
) -> None:  # fmt: skip
    (tmp_path / "list.csv").write_text("file\ngone.png\n")
    runs, images = two_runs
    named = [text.format(art=tmp_path, image=images[0]) for text in given]
    assert main(["predict", *runs, *named]) == 2
    assert told in capsys.readouterr().err
