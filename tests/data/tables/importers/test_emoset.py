"""EmoSet-118K: lists of three parts, and a file of attributes for each picture."""

import json
import logging
from pathlib import Path

import pytest

from emotionart.data.tables.importers.emoset import read_emoset
from emotionart.data.tables.importers.imported import write_import
from emotionart.data.tables.layouts.reading import read_table
from emotionart.errors import UserError
from tests.data.tables.importers.layouts import pictures


def emoset(folder: Path) -> Path:
    attributes = {"brightness": 0.3, "scene": "beach", "object": ["Person", "Hat"], "human_action": "posing"}
    for part, entries in {"train": [("awe", 1), ("fear", 2)], "val": [("awe", 3)], "test": [("fear", 4)]}.items():
        rows = [[emotion, f"image/{emotion}/{n}.jpg", f"annotation/{emotion}/{n}.json"] for emotion, n in entries]
        for _, image, annotation in rows:
            pictures(folder, image, annotation)
            (folder / annotation).write_text(json.dumps(attributes))
        (folder / f"{part}.json").write_text(json.dumps(rows))
    return folder


def test_labels_parts_and_attributes_are_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = emoset(tmp_path / "EmoSet-118K")
    (folder / "annotation/awe/3.json").write_text("[damaged")
    with caplog.at_level(logging.WARNING):
        imported = read_emoset(folder)
    assert "1 annotations cannot be read; their pictures have no tags: annotation/awe/3.json" in caplog.text
    found = imported.frame.set_index("image")
    assert found["label"].tolist() == ["awe", "fear", "awe", "fear"]
    assert found["split"].tolist() == ["train", "train", "val", "test"]
    assert found["tags"].tolist() == [
        "beach;Person;Hat;posing",
        "beach;Person;Hat;posing",
        "",
        "beach;Person;Hat;posing",
    ]
    assert found["brightness"].tolist() == ["0.3", "0.3", "", "0.3"]
    write_import(imported, tmp_path / "out.csv")
    table = read_table(tmp_path / "out.csv", split="split")
    assert table.labels == ("awe", "fear")


@pytest.mark.parametrize(
    ("text", "message"),
    [("{}", "None of"), ("[[1]]", "not a list of"), ("[", "not a list of"), ("[]", "name no picture")],
)
def test_what_is_no_emoset(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / ("other.json" if message == "None of" else "val.json")).write_text(text)
    with pytest.raises(UserError, match=message):
        read_emoset(tmp_path)
