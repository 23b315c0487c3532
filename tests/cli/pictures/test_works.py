import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emotionart.cli.main import main

Run = Callable[..., tuple[Path, dict]]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of twelve pictures and one file that is none."""
    folder = tmp_path_factory.mktemp("pictures")
    generator = np.random.default_rng(0)
    for number in range(12):
        small = Image.fromarray(generator.integers(0, 256, (4, 4, 3), dtype=np.uint8))
        small.resize((64, 64), Image.Resampling.BICUBIC).save(folder / f"{number}.png")
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
    _, line = capsys.readouterr().out.splitlines()
    assert line.endswith(f"{pictures}/0.png"), "works that the run had labels for are left out"
    assert main(["search", *asked, "--emotion", f"{first}x"]) == 2
    assert f"did you mean: {first}" in capsys.readouterr().err


def test_a_run_on_pixels_has_no_likeness(
    done_run: tuple[Path, dict], pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["search", str(done_run[0]), str(pictures), "--like", f"{pictures}/0.png"]) == 2
    assert "was trained on pixels" in capsys.readouterr().err
