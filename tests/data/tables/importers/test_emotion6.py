"""Emotion6: shares of seven emotions, valence and arousal."""

from pathlib import Path

import pytest

from emotionart.data.tables.importers.emotion6 import read_emotion6
from emotionart.data.tables.importers.imported import write_import
from emotionart.data.tables.layouts.reading import read_table
from emotionart.errors import UserError
from tests.data.tables.importers.layouts import pictures

_NAMES = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral")
_HEAD = "\t".join(["[image_filename]", "[valence]", "[arousal]", *(f"[prob. {name}]" for name in _NAMES)])


def test_shares_are_read_and_the_folders_are_no_labels(tmp_path: Path) -> None:
    lines = [
        _HEAD,
        "disgust/1.jpg\t2.5\t3.8\t0.133333\t0.7\t0\t0.0666667\t0.1\t0\t0",
        "joy/2.jpg\t7\t5\t0\t0\t0\t1\t0\t0\t0",
    ]
    (tmp_path / "ground_truth.txt").write_text("\r\n".join([*lines, ""]))
    pictures(tmp_path / "images", "disgust/1.jpg", "joy/2.jpg")
    for source in (tmp_path, tmp_path / "ground_truth.txt"):
        imported = read_emotion6(source)
        assert imported.frame["image"].tolist() == ["disgust/1.jpg", "joy/2.jpg"]
        assert imported.frame["valence"].tolist() == ["2.5", "7"]
        assert imported.frame[["votes:disgust", "votes:joy"]].to_numpy().tolist() == [[0.7, 0.0666667], [0, 1]]
    write_import(imported, tmp_path / "out.csv")
    table = read_table(tmp_path / "out.csv", votes="votes:*")
    assert sorted(table.labels) == sorted(_NAMES)
    assert table.votes.sum(axis=1) == pytest.approx([1, 1], abs=1e-5)


def test_a_file_without_shares(tmp_path: Path) -> None:
    (tmp_path / "ground_truth.txt").write_text(f"{_HEAD}\njoy/2.jpg{9 * chr(9)}\n")
    (tmp_path / "images").mkdir()
    with pytest.raises(UserError, match="No line of this table holds votes"):
        read_emotion6(tmp_path)
