import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import emotionart
from emotionart.cli.main import main
from emotionart.config.compose import compose
from emotionart.gan.generation.sampler import load_sampler
from emotionart.pipeline import run
from tests.integration.test_gan import TINY, states

Run = Callable[..., tuple[Path, dict]]


@pytest.fixture(scope="module")
def runs(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Of a GAN, of one that is told classes, and of one without batch norm."""
    made = {}
    for name, overrides in (
        ("gan", []),
        ("told", ["model=acgan"]),
        ("free", ["generator.norm=none", "model.images=32"]),
    ):
        made[name] = tmp_path_factory.mktemp("runs") / name
        made[name].mkdir()
        asked = [*TINY, *overrides, "logger=none", f"cache={cache}"]
        composed = compose(asked)
        run(composed, made[name])
    return made


def rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "labels.csv").open()))


def pictures(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((folder / "images").iterdir())]


def test_a_gan_paints_pictures_that_depend_on_their_number_and_the_seed_alone(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    for name, more in (("some", ["--n", "5"]), ("more", ["--n", "7"]), ("other", ["--n", "5", "--seed", "1"])):
        assert main(["generate", str(runs["gan"]), "--out", f"{tmp_path}/{name}", *more]) == 0
    some, more_of_them, others = (pictures(tmp_path / name) for name in ("some", "more", "other"))
    assert len(set(some)) == 5
    assert more_of_them[:5] == some
    assert not set(some) & set(others)
    with Image.open(tmp_path / "other/images/000003.png") as picture:
        assert picture.size == (16, 16)
        assert picture.text == {"run": "gan", "seed": "1", "psi": "1", "number": "3"}
    made = {path.name for path in (tmp_path / "some").iterdir()}
    assert made == {"images", "sheet.png", "interpolation.webp", "labels.csv"}
    assert (tmp_path / "some/labels.csv").read_text().splitlines()[:2] == ["image", "images/000000.png"]
    with Image.open(tmp_path / "some/interpolation.webp") as video:
        assert 1 < video.n_frames <= 5 * 12  # equal ones are one
        begin = np.asarray(video.convert("RGB")).astype(int)
    with Image.open(tmp_path / "some/images/000000.png") as picture:
        first = np.asarray(picture).repeat(4, axis=0).repeat(4, axis=1)
    assert np.abs(begin[2:-2, 2:-2] - first).mean() < 20  # lossy


def test_it_is_the_average_that_paints(runs: dict[str, Path]) -> None:
    sampler = load_sampler(runs["gan"])
    averaged = {name: tensor for name, tensor in states(runs["gan"]).items() if name.startswith("average.")}
    assert averaged
    for name, tensor in sampler.network.state_dict().items():
        assert np.array_equal(tensor, averaged[f"average.{name}"])


def test_a_class_is_asked_for_and_a_judge_says_what_it_sees(
    runs: dict[str, Path], done_run: tuple[Path, dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judge, result = done_run
    classes = result["classes"]
    asked = ["--n", "6", "--emotion", "stirred", "--judge", str(judge)]
    assert main(["generate", str(runs["told"]), "--out", f"{tmp_path}/art", *asked]) == 0
    shown = capsys.readouterr()
    assert "the judge sees negative" in shown.out
    at_chance = result["lead"]["majority"]["low"] <= 0
    assert ("warning: the judge: this network is not clearly above chance" in shown.err) == at_chance
    found = rows(tmp_path / "art")
    assert [row["label"] for row in found] == ["stirred"] * 6
    shares = emotionart.load_run(judge).predict([tmp_path / "art" / row["image"] for row in found])
    assert [row["seen"] for row in found] == [classes[place] for place in shares.argmax(axis=1)]
    assert float(found[0]["p(neutral)"]) == pytest.approx(shares[0, classes.index("neutral")], rel=1e-5)
    with Image.open(tmp_path / "art/images/000001.png") as picture:
        assert picture.text["class"] == "stirred"
    with Image.open(tmp_path / "art/classes.png") as every, Image.open(tmp_path / "art/sheet.png") as sheet:
        names = every.width - sheet.width  # pixels of the rows' names
        assert every.height == 4 * 66 + 2
        assert names > 30
        assert sheet.height == 66 + 2 + 30, "two lines below each picture: what the judge sees, and how surely"
        row = 66 * classes.index("stirred")
        told = np.asarray(every)[row : row + 66, names:].astype(int)
        assert np.abs(told - np.asarray(sheet)[:66]).max() <= 1
    assert main(["generate", str(runs["told"]), "--out", f"{tmp_path}/all", "--n", "40"]) == 0
    assert {row["label"] for row in rows(tmp_path / "all")} <= set(classes)


def test_the_judge_keeps_those_in_which_it_sees_the_emotion_most_surely(
    runs: dict[str, Path], done_run: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    asked = [str(runs["gan"]), "--n", "9", "--judge", str(done_run[0])]
    assert main(["generate", *asked, "--out", f"{tmp_path}/all"]) == 0
    assert main(["generate", *asked, "--out", f"{tmp_path}/some", "--emotion", "positive", "--keep", "4"]) == 0
    best = sorted(rows(tmp_path / "all"), key=lambda row: -float(row["p(positive)"]))[:4]
    assert [row["p(positive)"] for row in rows(tmp_path / "some")] == [row["p(positive)"] for row in best]
    for row in rows(tmp_path / "some"):
        assert (tmp_path / "some" / row["image"]).read_bytes() == (tmp_path / "all" / row["image"]).read_bytes()
    assert len(pictures(tmp_path / "some")) == 4


def test_a_warning_says_that_the_judge_sees_the_emotion_in_none_of_the_pictures_kept(
    runs: dict[str, Path], done_run: tuple[Path, dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judge, result = done_run
    asked = ["generate", str(runs["gan"]), "--n", "4", "--judge", str(judge), "--keep", "2"]
    warned = set()
    for name in result["classes"]:
        assert main([*asked, "--out", f"{tmp_path}/{name}", "--emotion", name]) == 0
        others = sum(row["seen"] != name for row in rows(tmp_path / name))
        told = capsys.readouterr().err
        assert (f"in {others} of the 2 pictures kept as {name}, the judge sees another class" in told) == (others > 0)
        warned.add(others)
    assert 2 in warned


@pytest.mark.parametrize("name", ["gan", "free"])
def test_truncation_makes_pictures_more_alike(runs: dict[str, Path], tmp_path: Path, name: str) -> None:
    spread = []
    for psi in ("1", "0.3"):
        out = tmp_path / f"psi-{psi}"
        assert main(["generate", str(runs[name]), "--n", "12", "--psi", psi, "--out", str(out)]) == 0
        painted = np.stack([np.asarray(Image.open(path)) for path in sorted((out / "images").iterdir())])
        spread.append(painted.std(axis=0).mean())
    assert spread[1] < 0.7 * spread[0]


def test_one_picture_is_turned_towards_an_emotion_and_lies_beside_its_neighbours(
    runs: dict[str, Path],
    done_run: tuple[Path, dict[str, Any]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    cache: Path,
) -> None:
    psi = ["--psi", "0.3"]
    asked = ["--n", "2", "--judge", str(done_run[0]), "--towards", "negative", "--from", "3", "--nearest", *psi]
    assert main(["generate", str(runs["gan"]), "--out", f"{tmp_path}/art", *asked]) == 0
    assert "negative: the judge gives the picture " in capsys.readouterr().out
    assert main(["generate", str(runs["gan"]), "--out", f"{tmp_path}/three", "--n", "1", "--seed", "3", *psi]) == 0
    with Image.open(tmp_path / "art/towards.png") as strip, Image.open(tmp_path / "three/sheet.png") as start:
        assert strip.size == (7 * 66 + 2, 66 + 2 + 18)
        assert np.abs(np.asarray(strip)[:66, :66].astype(int) - np.asarray(start)[:66, :66]).max() <= 1
    parts = {row["id"]: row["part"] for row in csv.DictReader((runs["gan"] / "split.csv").open())}
    assert [parts[row["nearest"]] for row in rows(tmp_path / "art")] == ["train"] * 2
    with Image.open(tmp_path / "art/nearest.png") as near:
        assert near.size == (24 + 5 * 66 + 2, 2 * 66 + 2), "with the nearness at the left"


@pytest.mark.parametrize("asked", [["--seed", "-2"], ["--towards", "joy", "--judge", "RUN", "--from", str(2**64)]])
def test_a_seed_out_of_range_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: list[str]) -> None:
    assert main(["generate", str(tmp_path), "--out", f"{tmp_path}/art", *asked]) == 2
    assert f"{asked[-2]} must be from 0 to 2,147,483,648, not {asked[-1]}." in capsys.readouterr().err


def test_what_cannot_be_painted_is_told_and_nothing_is_written(
    runs: dict[str, Path], done_run: tuple[Path, dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gan, told, classifier = str(runs["gan"]), str(runs["told"]), str(done_run[0])
    (tmp_path / "there").mkdir()
    out = ["--out", f"{tmp_path}/art"]
    judged = ["--judge", classifier]
    for arguments, message in (
        ([str(tmp_path), *out], "There is no checkpoint of a GAN in this folder"),
        ([classifier, *out], "This run is a classifier, which generates no pictures."),
        ([gan, *out, "--class", "negative"], "This GAN is not conditional"),
        ([told, *out, "--class", "negativ"], "did you mean: negative"),
        ([gan, *out, "--n", "0"], "--n must be at least 1, not 0."),
        ([gan, *out, "--psi", "0"], "--psi must be above 0, and at most 1, not 0."),
        ([gan, *out, "--n", "4", "--keep", "5"], "--keep must be from 1 to --n, 4, not 5."),
        ([gan, *out, "--keep", "4"], "Only a judge can say which pictures show which emotion best."),
        ([gan, *out, *judged, "--emotion", "joi", "--keep", "4"], "The judge has no class 'joi'"),
        ([gan, *out, "--towards", "negative"], "Only a judge can say where an emotion lies."),
        ([gan, *out, *judged, "--towards", "positiv"], "did you mean: positive"),
        ([gan, *out, "--from", "1"], "fix: --towards NAME --judge RUN"),
        ([gan, *out, "--judge", told], "This run is a GAN, which predicts no classes."),
        ([gan, "--out", f"{tmp_path}/there"], "This folder exists already; no file is overwritten."),
    ):
        assert main(["generate", *arguments]) == 2
        assert message in capsys.readouterr().err
    assert not (tmp_path / "art").exists()
