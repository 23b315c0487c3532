"""Titles and artists of the artworks of runs."""

import csv
from pathlib import Path

import pytest

from emotionart.run.folder import RunFolder
from emotionart.run.names import Names

Done = tuple[Path, dict]


def test_artworks_of_a_run_are_called_by_title_and_artist_wherever_they_are_shown(
    done_run: Done, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = list(csv.DictReader((done_run[0] / "split.csv").open()))
    assert {row["title"] for row in rows} == {""}, "the gallery has none"
    image = Path(rows[0]["image"]).resolve()
    assert Names.of([RunFolder(done_run[0])]).caption(str(image), image.name) == f"{rows[0]['group']}, {image.name}"
    monkeypatch.chdir(image.parent)
    fields = [*rows[0]]
    with (tmp_path / "split.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, fields)
        writer.writeheader()
        writer.writerow({**rows[0], "title": "Dusk"})
    names = Names.of([RunFolder(tmp_path / "no run"), RunFolder(tmp_path)])
    assert names.caption(image.name, "its name") == f"Dusk, {rows[0]['group']}, its name"
    assert names.caption("another.png", "its name") == "its name"


def test_splits_without_titles_are_read(tmp_path: Path) -> None:
    (tmp_path / "split.csv").write_text(f"id,image,group,class,part,unit\n1,{tmp_path}/1.png,Ann,joy,test,0\n")
    assert Names.of([RunFolder(tmp_path)]).caption(f"{tmp_path}/1.png", "1.png") == "Ann, 1.png"
