import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import emotionart
from emotionart.cli.main import main
from emotionart.gan.sampler import load_sampler
from tests.integration.test_gan import TINY, states

Run = Callable[..., tuple[Path, dict]]


def pictures(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((folder / "images").iterdir())]


def test_a_gan_paints_pictures_that_depend_on_their_number_and_the_seed_alone(tiny_run: Run, tmp_path: Path) -> None:
    run, _ = tiny_run(*TINY)
    for name, more in (("some", ["--n", "5"]), ("more", ["--n", "7"]), ("other", ["--n", "5", "--seed", "1"])):
        assert main(["generate", str(run), "--out", f"{tmp_path}/{name}", *more]) == 0
    some, more_of_them, others = (pictures(tmp_path / name) for name in ("some", "more", "other"))
    assert len(set(some)) == 5
    assert more_of_them[:5] == some
    assert not set(some) & set(others)
    with Image.open(tmp_path / "some/images/000000.png") as picture:
        assert picture.size == (16, 16)
    assert {path.name for path in (tmp_path / "some").iterdir()} == {"images", "sheet.png", "labels.csv"}
    assert (tmp_path / "some/labels.csv").read_text().splitlines()[:2] == ["image", "images/000000.png"]


def test_it_is_the_average_that_paints(tiny_run: Run, tmp_path: Path) -> None:
    run, _ = tiny_run(*TINY)
    sampler = load_sampler(run)
    averaged = {name: tensor for name, tensor in states(run).items() if name.startswith("average.")}
    assert averaged
    for name, tensor in sampler.network.state_dict().items():
        assert np.array_equal(tensor, averaged[f"average.{name}"])


def test_a_class_is_asked_for_and_a_judge_says_what_it_sees(
    tiny_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, result = tiny_run(*TINY, "model=acgan", name="gan")
    classifier, _ = tiny_run("trainer.max_epochs=1", name="judge")
    asked = ["--n", "6", "--class", "stirred", "--judge", str(classifier)]
    assert main(["generate", str(run), "--out", f"{tmp_path}/art", *asked]) == 0
    assert "the judge sees negative" in capsys.readouterr().out
    rows = list(csv.DictReader((tmp_path / "art/labels.csv").open()))
    assert [row["label"] for row in rows] == ["stirred"] * 6
    shares = emotionart.load_run(classifier).predict([tmp_path / "art" / row["image"] for row in rows])
    assert [row["seen"] for row in rows] == [result["classes"][place] for place in shares.argmax(axis=1)]
    assert float(rows[0]["p(neutral)"]) == pytest.approx(shares[0, result["classes"].index("neutral")], rel=1e-5)
    assert main(["generate", str(run), "--out", f"{tmp_path}/all", "--n", "40"]) == 0
    assert {row["label"] for row in csv.DictReader((tmp_path / "all/labels.csv").open())} <= set(result["classes"])


def test_what_cannot_be_painted_is_told_and_nothing_is_written(
    tiny_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gan, _ = tiny_run(*TINY, name="gan")
    told, _ = tiny_run(*TINY, "model=acgan", name="told")
    classifier, _ = tiny_run("trainer.max_epochs=1", name="classifier")
    (tmp_path / "there").mkdir()
    out = ["--out", f"{tmp_path}/art"]
    for arguments, message in (
        ([str(tmp_path), *out], "There is no trained GAN in this folder."),
        ([str(classifier), *out], "This is the run of a classifier, which paints nothing."),
        ([str(gan), *out, "--class", "negative"], "This GAN is told no classes."),
        ([str(told), *out, "--class", "negativ"], "did you mean: negative"),
        ([str(gan), *out, "--n", "0"], "--n must be at least 1, not 0."),
        ([str(gan), *out, "--judge", str(told)], "This is the run of a GAN, which predicts no classes."),
        ([str(gan), "--out", f"{tmp_path}/there"], "This folder exists; nothing is written over."),
    ):
        assert main(["generate", *arguments]) == 2
        assert message in capsys.readouterr().err
    assert not (tmp_path / "art").exists()
