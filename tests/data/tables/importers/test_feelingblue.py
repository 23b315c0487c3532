"""FeelingBlue: best-worst scores, each for one emotion."""

from pathlib import Path

import pytest

from emotionart.cli.main import main
from emotionart.data.tables.importers.feelingblue import read_feelingblue
from emotionart.errors import UserError
from tests.data.tables.importers.layouts import pictures

_ROWS = (
    "emotion,image_id,filename,score",
    "anger,image_751,walter-darby-bannard_split-band-1962.jpg,-0.826",
    "joy,image_751,walter-darby-bannard_split-band-1962.jpg,0.5",
    "joy,image_0,georgia-o-keeffe_abstraction(1).jpg,0.0",
    "joy,image_1,,0.1",
    "joy,image_2,a_b.jpg,high",
)


def test_each_emotion_is_a_measured_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "scores.csv").write_text("\n".join(_ROWS))
    imported = read_feelingblue(tmp_path / "scores.csv", None)
    assert "2 lines hold no score and are left out: rows 5-6" in caplog.text
    found = imported.frame.set_index("image")
    assert found.loc["walter-darby-bannard_split-band-1962.jpg", ["anger", "joy"]].tolist() == ["-0.826", "0.5"]
    assert found.loc["georgia-o-keeffe_abstraction(1).jpg", ["anger", "joy"]].tolist() == ["", "0.0"]
    assert found["artist"].tolist() == ["georgia o keeffe", "walter darby bannard"]
    pictures(tmp_path / "art", *found.index)
    asked = [str(tmp_path / "scores.csv"), str(tmp_path / "art"), "--out", str(tmp_path / "out.csv")]
    assert main(["data", "import", "feelingblue", *asked]) == 0
    told = capsys.readouterr().out
    assert "2 artworks; scores: joy 2, anger 1" in told
    assert "data.label=anger data.group=artist labels=quantiles" in told


def test_a_table_without_scores(tmp_path: Path) -> None:
    (tmp_path / "scores.csv").write_text("\n".join([_ROWS[0], _ROWS[-1]]))
    with pytest.raises(UserError, match="No line of this table holds a score"):
        read_feelingblue(tmp_path / "scores.csv", None)
