from pathlib import Path

import pytest

from emotionart.data.persons.portraits import keep_portraits
from emotionart.data.tables.layouts.reading import read_table
from emotionart.errors import UserError


def write(folder: Path, *lines: str) -> Path:
    for name in ("a.png", "b.png", "c.png"):
        (folder / name).write_bytes(b"picture")
    (folder / "t.csv").write_text("\n".join(lines) + "\n")
    return folder / "t.csv"


def names(path: Path) -> list[str]:
    return [Path(image).name for image in keep_portraits(read_table(path, tags="tags", group="artist")).image]


def test_a_curated_column_decides_before_any_tag(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "image,label,tags,artist,portrait",
        "a.png,joy,portrait,Ann,no",
        "b.png,joy,,Bob,Yes",
        "c.png,fear,,Ann,doubtful",
    )
    assert names(path) == ["b.png"]


def test_without_such_a_column_a_tag_decides(tmp_path: Path) -> None:
    lines = ["a.png,joy,oil;Portrait,Ann,head", "b.png,joy,oil,Bob,face", "c.png,fear,portrait,Ann,"]
    path = write(tmp_path, "image,label,tags,artist,portrait", *lines)
    kept = keep_portraits(read_table(path, tags="tags", group="artist"))
    assert names(path) == ["a.png", "c.png"]
    assert kept.votes.tolist() == [[0, 1], [1, 0]]
    assert kept.group.tolist() == ["Ann", "Ann"]


def test_a_table_that_names_no_portrait_says_how_to_find_them(tmp_path: Path) -> None:
    path = write(tmp_path, "image,label,tags,artist", "a.png,joy,oil,Ann")
    with pytest.raises(UserError, match="No artwork is called a portrait: there is no tag 'portrait'") as caught:
        names(path)
    assert "emotionart data curate" in str(caught.value)
