from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skimage.data
from PIL import Image

import emotionart
from emotionart.cli.main import main
from emotionart.data.pictures.decode import load_picture
from emotionart.features.colour import landmark
from emotionart.features.vectors import compute, feature_names
from emotionart.recolour.transfer import recolour


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "astronaut.jpg"
    Image.fromarray(skimage.data.astronaut()).resize((45, 55)).save(path)
    return path


def test_a_picture_its_features_and_what_a_run_says_before_and_after(
    picture: Path, tmp_path: Path, done_run: tuple[Path, dict[str, Any]]
) -> None:
    run, _ = done_run
    (tmp_path / "other").mkdir()
    (tmp_path / "other/astronaut.png").write_bytes(picture.read_bytes())
    asked = [str(picture), f"{tmp_path}/other", "--to", "sad", "--strength", "0.8", "--run", str(run)]
    assert main(["recolour", *asked, "--out", f"{tmp_path}/sad"]) == 0
    kinds, names = ("images", "before-after", "palettes"), ("1-astronaut", "2-astronaut")
    made = {path.relative_to(tmp_path / "sad").as_posix() for path in (tmp_path / "sad").rglob("*.*")}
    assert made == {*(f"{kind}/{name}.png" for kind in kinds for name in names), "table.csv"}
    after = load_picture(tmp_path / "sad/images/1-astronaut.png")
    np.testing.assert_array_equal(after, recolour(load_picture(picture), landmark("sad"), 0.8))
    table = pd.read_csv(tmp_path / "sad/table.csv")
    assert list(table["version"]) == ["before", "after"] * 2
    for row, source in ((0, picture), (1, tmp_path / "sad/images/1-astronaut.png")):
        assert table["image"][row] == str(picture)
        features = table.loc[row, list(feature_names(["cvfc13"]))].astype(float)
        np.testing.assert_allclose(features, compute(load_picture(source), ["cvfc13"]), rtol=1e-5)
        shares = table.loc[row, [name for name in table.columns if name.startswith("p(")]].astype(float)
        np.testing.assert_allclose(shares, emotionart.load_run(run).predict([source])[0], rtol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--to", "clam"], "did you mean: calm"),
        (["--to", "calm", "--strength", "2"], "--strength must be from 0 to 1, not 2."),
        (["--to", "calm", "--skin-angle", "-1"], "--skin-angle must be from 0 to 90, not -1."),
        (["--to", "calm", "--run", "{tmp}"], "There is no run in this folder."),
        (["--to", "calm", "--out", "{tmp}"], "This folder exists already; no file is overwritten."),
    ],
)
def test_mistakes_are_told_and_nothing_is_written(
    picture: Path, tmp_path: Path, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word.format(tmp=tmp_path) for word in arguments]
    words += [] if "--out" in words else ["--out", f"{tmp_path}/out"]
    assert main(["recolour", str(picture), *words]) == 2
    assert told.format(tmp=tmp_path) in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_pictures_that_cannot_be_read_are_left_out_and_told_last(
    picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes, asked = tmp_path / "notes.txt", ["--to", "calm", "--out", f"{tmp_path}/out"]
    notes.write_text("no picture")
    assert main(["recolour", str(notes), *asked]) == 2
    assert f"None of these pictures can be read.\n  where: {notes} (not a picture" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert main(["recolour", str(notes), str(picture), *asked]) == 2
    told = capsys.readouterr()
    assert told.out == f"1 picture: {tmp_path}/out\n"
    assert f"1 picture cannot be read, and is left out:\n    {notes} (not a picture" in told.err
    assert [path.name for path in (tmp_path / "out/images").iterdir()] == ["astronaut.png"]
