import csv
import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emotionart.cli.main import main
from emotionart.run.training.checkpoint import read_checkpoint, update_description

Run = Callable[..., tuple[Path, dict]]
LONG_AGO = 1_600_000_000


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of twelve pictures and one file that is none."""
    folder = tmp_path_factory.mktemp("pictures")
    generator = np.random.default_rng(0)
    for number in range(12):
        small = Image.fromarray(generator.integers(0, 256, (4, 4, 3), dtype=np.uint8))
        small.resize((64, 64), Image.Resampling.BICUBIC).save(folder / f"{number}.png")
        os.utime(folder / f"{number}.png", (LONG_AGO, LONG_AGO))
    return folder


def rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "works.csv").open()))


def test_pictures_are_found_by_class_and_by_likeness_and_suggested(
    tiny_run: Run, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    networks = ["model.backbone.name=squeezenet1_0", "model.backbone.weights=random", "model.backbone.size=64"]
    run, result = tiny_run("model=transfer", *networks, pixels=False)
    first = result["classes"][0]
    asked = [str(run), str(pictures), "--cache", str(tmp_path / "cache")]
    assert main(["search", *asked, "--class", first, "--out", f"{tmp_path}/sad", "--n", "5"]) == 0
    found = rows(tmp_path / "sad")
    assert main(["predict", str(run), str(pictures), "--out", f"{tmp_path}/all.csv"]) == 0
    predicted = {row["image"]: float(row[f"p({first})"]) for row in csv.DictReader((tmp_path / "all.csv").open())}
    best = sorted(predicted.values(), reverse=True)[:5]
    assert [float(row["share"]) for row in found] == pytest.approx(best, abs=1e-5)
    page = (tmp_path / "sad/works.html").read_text()
    assert f"the probability of {first}, which is a classifier&#39;s opinion, not what a person feels." in page
    assert "share 0." not in page, "which the classes say already"
    assert page.count("data:image/jpeg") == 5
    assert f'<span class="faint" title="{found[0]["image"]}">{Path(found[0]["image"]).name}</span>' in page

    assert main(["search", *asked, "--like", f"{pictures}/3.png", "--out", f"{tmp_path}/same", "--n", "2"]) == 0
    near = rows(tmp_path / "same")
    assert len(near) == 2
    assert f"{pictures}/3.png" not in {row["image"] for row in near}
    (tmp_path / "copy.png").write_bytes((pictures / "3.png").read_bytes())
    likeness = ["search", *asked, "--like", f"{tmp_path}/copy.png", "--out", f"{tmp_path}/copied", "--n", "2"]
    assert main(likeness) == 0
    assert rows(tmp_path / "copied") == near
    alone = ["search", str(run), f"{pictures}/3.png", *asked[2:], "--like", f"{pictures}/3.png"]
    assert main([*alone, "--out", f"{tmp_path}/alone"]) == 0
    assert rows(tmp_path / "alone") == []

    capsys.readouterr()
    (tmp_path / "bad.png").write_bytes(b"no picture")
    assert main(["suggest", *asked[:2], f"{tmp_path}/bad.png", *asked[2:], "--n", "4"]) == 2
    told = capsys.readouterr()
    head, *lines = told.out.splitlines()
    assert head.split() == ["value", "class", "picture"]
    assert len(set(lines)) == 4
    assert "times the distance" in told.err
    assert f"{tmp_path}/bad.png (" in told.err
    own = [row["image"] for row in csv.DictReader((run / "split.csv").open())][:3]
    assert main(["suggest", str(run), *own, f"{pictures}/0.png", "--cache", str(tmp_path / "cache")]) == 0
    told = capsys.readouterr()
    _, line = told.out.splitlines()
    assert line.endswith(f"{pictures}/0.png"), "works that the run had labels for are left out"
    assert "labels for them: 3 pictures" in " ".join(told.err.split())
    assert main(["suggest", str(run), *own, "--cache", str(tmp_path / "cache")]) == 2
    assert capsys.readouterr().err.endswith(f"where: {' '.join(own)}\n  fix: pictures without labels\n")
    nowhere = [str(run), str(pictures), "--cache", str(tmp_path / "nowhere")]
    assert main(["search", *nowhere, "--like", f"{tmp_path}/gone.png"]) == 2
    assert "There is no such picture." in capsys.readouterr().err
    assert main(["search", *nowhere, "--emotion", f"{first}x"]) == 2
    assert not (tmp_path / "nowhere").exists(), "no picture was looked at"
    assert f"did you mean: {first}" in capsys.readouterr().err


def test_a_run_on_pixels_has_no_likeness(
    done_run: tuple[Path, dict], pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [str(done_run[0]), str(pictures), "--cache", f"{tmp_path}/cache", "--like", f"{pictures}/0.png"]
    assert main(["search", *asked]) == 2
    assert "was trained on pixels" in capsys.readouterr().err
    assert not (tmp_path / "cache").exists(), "no picture was looked at"


def test_a_second_search_reads_only_pictures_that_are_new_or_have_changed(
    done_run: tuple[Path, dict], pictures: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run, result = done_run
    folder = tmp_path / "pictures"
    shutil.copytree(pictures, folder)
    outs = iter(range(9))

    def searched(run: Path, cache: str) -> list[dict[str, str]]:
        out = tmp_path / f"out{next(outs)}"
        asked = ["--emotion", result["classes"][0], "--cache", f"{tmp_path}/{cache}", "--out", str(out)]
        main(["search", str(run), str(folder), *asked])
        return rows(out)

    caplog.set_level(logging.INFO)
    first = searched(run, "cache")
    assert "looking at pictures: 12 of 12" in caplog.text
    caplog.clear()
    assert searched(run, "cache") == first
    assert "looking at pictures" not in caplog.text
    other = tmp_path / "other"
    shutil.copytree(run, other)
    best = other / "checkpoints/best.ckpt"
    update_description(best, replace(read_checkpoint(best).description, temperature=3.0))
    assert first != searched(other, "cache") == searched(other, "another cache")
    (folder / "3.png").write_bytes((folder / "8.png").read_bytes())
    os.utime(folder / "3.png", (LONG_AGO, LONG_AGO))
    (folder / "5.png").unlink()
    (folder / "no picture.png").write_bytes(b"no picture")
    Image.new("RGB", (64, 64), "teal").save(folder / "new.png")
    caplog.clear()
    changed = searched(run, "cache")
    assert "looking at pictures: 3 of 3" in caplog.text
    assert len(changed) == 12
    assert changed == searched(run, "a third cache")
