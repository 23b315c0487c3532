"""Hugging Face's imagefolder, with a table of labels in each part's folder, is a table with a given split."""

import json
import logging
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from emotionart.cli.main import main
from emotionart.config.compose import compose_with_errors
from emotionart.data.tables.layouts.folder import read_folder
from emotionart.data.tables.layouts.reading import read_table
from emotionart.errors import UserError
from tests.data.tables.cases import COUNT, label, picture, write

PARTS = {"train": range(36), "validation": range(36, 48), "test": range(48, COUNT)}


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("imagefolder")
    for part, numbers in PARTS.items():
        (folder / part).mkdir()
        for number in numbers:
            picture(number).save(folder / part / f"{number}.png")
        rows = [{"file_name": f"{number}.png", "label": label(number)} for number in numbers]
        if part == "test":
            lines = [json.dumps(row) for row in rows]
            (folder / part / "metadata.jsonl").write_text("\n".join(lines))
        else:
            lines = ["file_name,label", *(",".join(row.values()) for row in rows)]
            (folder / part / "metadata.csv").write_text("\n".join(lines))
    return folder


def test_parts_are_the_split_and_pictures_are_found_in_them(art: Path) -> None:
    table = read_table(art, image="file_name")
    assert len(table) == COUNT
    assert Counter(table.split.part) == {part: len(numbers) for part, numbers in PARTS.items()}
    for path, part, votes in zip(table.image, table.split.part, table.votes, strict=True):
        assert Path(path).is_file()
        assert Path(path).parent.name == part
        assert table.labels[votes.argmax()] == label(int(Path(path).stem))
    assert read_table(art, image="file_name", split="anew").split is None


def test_check_finds_the_tables_and_training_takes_what_it_says(
    art: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert main(["data", "check", str(art), f"cache={tmp_path}", "data.near_duplicates=null"]) == 0
    told = capsys.readouterr().out
    assert "data.image=file_name" in told
    assert "train          36" in told
    assert "the folders test (12), train (36), validation (12) are a given split" in caplog.text


def test_read_as_folders_of_classes_it_is_refused_with_the_overrides_that_work(art: Path) -> None:
    with pytest.raises(UserError, match="hold tables of labels") as caught:
        read_folder(art)
    assert caught.value.fix == f"data=table data.path={art} data.image=file_name"
    assert compose_with_errors([*caught.value.fix.split(), "labels=as_is"])[1] == []
    assert len(read_table(art, image="file_name")) == COUNT


def test_a_folder_of_classes_in_parts_can_be_divided_anew(tmp_path: Path) -> None:
    for number in range(12):
        home = tmp_path / ("train", "test")[number % 2] / label(number)
        home.mkdir(parents=True, exist_ok=True)
        picture(number).save(home / f"{number}.png")
    assert read_folder(tmp_path).split is not None
    anew = read_folder(tmp_path, "anew")
    assert anew.split is None
    assert anew.labels == read_folder(tmp_path).labels == ("calm", "joy", "sadness")


def test_a_table_of_something_else_beside_the_classes_of_a_part_does_not_hide_them(tmp_path: Path) -> None:
    for number in range(12):
        home = tmp_path / ("train", "test")[number % 2] / label(number)
        home.mkdir(parents=True, exist_ok=True)
        picture(number).save(home / f"{number}.png")
    (tmp_path / "train/notes.csv").write_text("file,comment\njoy/0.png,nice\n")
    assert main(["data", "check", str(tmp_path), f"cache={tmp_path}/.cache", "data.near_duplicates=null"]) == 0


def test_shards_and_tables_called_as_parts_are_the_split(art: Path, tmp_path: Path) -> None:
    cells = [(number, {"bytes": picture_bytes(art, number), "path": None}, label(number)) for number in range(COUNT)]
    (tmp_path / "hub/data").mkdir(parents=True)
    (tmp_path / "pair").mkdir()
    for name, rows in {"train-00000-of-00002": (0, 20), "train-00001-of-00002": (20, 40), "test": (40, COUNT)}.items():
        some = cells[slice(*rows)]
        shard = pd.DataFrame({"image": [cell for _, cell, _ in some], "label": [one for *_, one in some]})
        shard.to_parquet(tmp_path / f"hub/data/{name}.parquet")
        lines = [f"{art}/{place(number)},{one}" for number, _, one in some]
        (tmp_path / f"pair/{name}.csv").write_text("\n".join(["image,label", *lines]))
    for folder in ("hub", "hub/data", "pair"):
        table = read_table(tmp_path / folder, tmp_path / "embedded")
        assert Counter(table.split.part) == {"train": 40, "test": 20}
        assert [table.labels[votes.argmax()] for votes in table.votes] == [
            label(number) for number in [*range(40, COUNT), *range(40)]
        ]


def test_a_part_without_a_table_is_told_and_any_column_may_name_the_pictures(
    art: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for part in ("train", "test"):
        (tmp_path / part).mkdir()
        for number in range(6):
            picture(number).save(tmp_path / part / f"{number}.png")
    rows = "\n".join(["image,label", *(f"{number}.png,{label(number)}" for number in range(6))])
    (tmp_path / "train/metadata.csv").write_text(rows)
    assert len(read_table(tmp_path)) == 6
    assert "no table of labels lies in test" in caplog.text
    (tmp_path / "test/metadata.csv").write_text(rows)
    assert Counter(read_table(tmp_path).split.part) == {"train": 6, "test": 6}


def test_a_column_of_pictures_with_another_name_is_found_in_the_folders_of_the_parts(tmp_path: Path) -> None:
    for part in ("train", "test"):
        (tmp_path / part).mkdir()
        for number in range(4):
            picture(number).save(tmp_path / part / f"{number}.png")
        rows = "\n".join(["subject,label", *(f"{number}.png,{label(number)}" for number in range(4))])
        (tmp_path / part / "metadata.csv").write_text(rows)
    with pytest.raises(UserError, match="no column 'image'") as caught:
        read_table(tmp_path)
    assert caught.value.fix == "data.image=subject"
    assert len(read_table(tmp_path, image="subject")) == 8


def place(number: int) -> str:
    return next(f"{part}/{number}.png" for part, numbers in PARTS.items() if number in numbers)


def picture_bytes(art: Path, number: int) -> bytes:
    return (art / place(number)).read_bytes()


def test_the_only_table_in_the_folder_of_each_part_is_read(tmp_path: Path) -> None:
    for part in ("train", "valid", "test"):
        (tmp_path / part).mkdir()
        for number in range(3):
            Image.new("RGB", (4, 4), (number, 0, 0)).save(tmp_path / part / f"{number}_jpg.rf.png")
        rows = "".join(f"{number}_jpg.rf.png, {int(number == 0)}, {int(number > 0)}\n" for number in range(3))
        (tmp_path / part / "_classes.csv").write_text(f"filename, joy, calm\n{rows}")
    table = read_table(tmp_path, image="filename", votes=["joy", "calm"])
    assert len(table) == 9
    assert table.split is not None
    assert sorted(set(table.split.part)) == ["test", "train", "validation"]


@pytest.mark.parametrize("form", ["{}_labels.csv", "{}.csv"])
@pytest.mark.parametrize("path", ["{number}.png", "{part}/{number}.png"])
def test_tables_beside_the_folders_of_parts_speak_of_their_pictures(
    art: Path, tmp_path: Path, form: str, path: str
) -> None:
    for part, numbers in PARTS.items():
        (tmp_path / part).mkdir()
        for number in numbers:
            (tmp_path / part / f"{number}.png").symlink_to(art / part / f"{number}.png")
        rows = [(path.format(part=part, number=number), label(number)) for number in numbers]
        write(tmp_path / form.format(part), ["file_name", "label"], rows)
    table = read_table(tmp_path, image="file_name")
    assert Counter(table.split.part) == {part: len(numbers) for part, numbers in PARTS.items()}
    assert all(Path(image).is_file() for image in table.image)
    with pytest.raises(UserError) as caught:
        read_folder(tmp_path)
    assert "data=table" in str(caught.value.fix)
