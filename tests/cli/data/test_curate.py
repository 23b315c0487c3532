import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emotionart.cli.main import main
from emotionart.data.tables.layouts.reading import read_table
from tests.conftest import SHARED

WEIGHTS = SHARED / "weights/yolov8n_coco.pt"


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open()))


def curate(table: Path, out: Path, *options: str) -> int:
    cache = f"cache={out.parent / 'cache'}"
    return main(["data", "curate", str(table), "--keep", "portraits", "--out", str(out), *options, cache])


@pytest.fixture
def art(tmp_path: Path) -> Path:
    (tmp_path / "art").mkdir()
    lines = ["image,label,tags,note"]
    for number in range(12):
        name = f"{number}.png"
        pixels = np.random.default_rng(number).integers(0, 256, (30, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "art" / name)
        lines.append(f"{name},joy,{('oil;Portrait', 'oil', '')[number % 3]},NA")
    (tmp_path / "art/table.csv").write_text("\n".join(lines))
    return tmp_path


def test_tags_alone_make_a_curated_table_that_training_reads(art: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = art / "curated" / "table.csv"
    assert curate(art / "art/table.csv", out, "--weights", "none") == 0
    told = capsys.readouterr().out
    assert "4 of 12 artworks are portraits (4 by a tag), 0 are doubtful, 8 are not" in told
    rows = read(out)
    assert [row["portrait"] for row in rows] == ["yes", "no", "no"] * 4
    assert rows[0]["portrait_reason"] == "tag 'portrait'"
    assert {row["note"] for row in rows} == {"NA"}
    table = read_table(out, tags="tags")
    assert table.portrait is not None
    assert table.portrait.tolist() == [True, False, False] * 4
    assert Path(table.image[0]).samefile(art / "art/0.png")
    assert {path.name for path in out.parent.glob("*.png")} == {"table-kept.png", "table-dropped.png"}
    assert curate(out, art / "again.csv", "--weights", "none", "--tags", "Oil") == 0
    again = read(art / "again.csv")
    assert [row["portrait"] for row in again] == ["yes", "yes", "no"] * 4
    assert list(again[0]) == list(rows[0])


def test_a_missing_picture_is_left_out_as_its_message_says(art: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (art / "art/3.png").unlink()
    out = art / "curated.csv"
    assert curate(art / "art/table.csv", out, "--weights", "none") == 2
    assert "data.on_missing=skip   to leave the rows out" in capsys.readouterr().err
    assert curate(art / "art/table.csv", out, "--weights", "none", "data.on_missing=skip") == 0
    rows = read(out)
    assert [row["image"] for row in rows] == [f"art/{number}.png" for number in range(12) if number != 3]
    assert [row["portrait"] == "yes" for row in rows] == ["Portrait" in row["tags"] for row in rows]


def test_other_spellings_of_a_name_are_of_one_artwork(art: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (art / "art/table.csv").open("a") as table:
        table.write("\n./1.png,joy,oil,NA\n../art/2.png,joy,,NA\n")
    out = art / "curated.csv"
    assert curate(art / "art/table.csv", out, "--weights", "none") == 0
    assert "4 of 12 artworks are portraits" in capsys.readouterr().out
    assert [row["image"] for row in read(out)][-2:] == ["art/1.png", "art/2.png"]
    assert len(read_table(out)) == 12


@pytest.mark.skipif(not WEIGHTS.exists(), reason=f"{WEIGHTS} is not there")
def test_persons_are_found_in_paintings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "mixed.parquet"
    assert curate(SHARED / "data/mixed/labels.csv", out, "--weights", str(WEIGHTS)) == 0
    assert "3 of 16 artworks are portraits (3 by a person), 0 are doubtful, 13 are not" in capsys.readouterr().out
    import pandas as pd

    frame = pd.read_parquet(out)
    assert set(frame["person"][frame["portrait"] != "no"]) == {"yes"}
    assert frame["person_boxes"][frame["portrait"] == "yes"].str.contains(" ").all()
    assert {path.name for path in tmp_path.glob("*.png")} == {"mixed-kept.png", "mixed-dropped.png"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--weights", "none", "--confidence", "4"], "--confidence must be from 0.05 to 1, not 4."),
        (["--weights", "none", "--min-area", "-1"], "--min-area must be from 0 to 1, not -1."),
        (["--weights", "away/yolo.pt"], "There is no such file of weights."),
        (["--weights", "none", "data.tags=tag"], "The table has no column 'tag'."),
        (["--weights", "none", "data.image=file"], "The table has no column 'file'."),
    ],
)
def test_what_cannot_be_curated(
    art: Path, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert curate(art / "art/table.csv", art / "out.csv", *options) == 2
    assert message in capsys.readouterr().err
    assert not (art / "out.csv").exists()


def test_curation_writes_over_nothing(art: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = art / "art/table.csv"
    before = table.read_bytes()
    assert curate(table, table, "--weights", "none") == 2
    assert "This file exists already; no file is overwritten." in capsys.readouterr().err
    assert table.read_bytes() == before
    (art / "out-kept.png").write_text("mine")
    assert curate(table, art / "out.csv", "--weights", "none") == 2
    assert (art / "out-kept.png").read_text() == "mine"
    assert not (art / "out.csv").exists()


def test_a_folder_has_to_become_a_table_first(art: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert curate(art / "art", art / "out.csv", "--weights", "none") == 2
    assert "fix: emotionart data import folder" in capsys.readouterr().err


def test_an_option_that_there_is_not_is_refused(art: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert curate(art / "art/table.csv", art / "out.csv", "--wheights", "none") == 2
    assert "did you mean: --weights" in capsys.readouterr().err
