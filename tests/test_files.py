from pathlib import Path

import pytest

from emotionart.errors import UserError
from emotionart.files import (
    atomic_write,
    ensure_absent,
    from_here,
    read_json,
    relative_names,
    write_json,
    written_together,
)


def test_a_file_is_whole_or_absent(tmp_path: Path) -> None:
    path = tmp_path / "new" / "text.txt"
    with pytest.raises(RuntimeError), atomic_write(path) as partial:
        partial.write_text("half of it")
        raise RuntimeError
    assert list(path.parent.iterdir()) == []
    with atomic_write(path) as partial:
        partial.write_text("all of it")
        assert not path.exists()
    assert [(file.name, file.read_text()) for file in path.parent.iterdir()] == [("text.txt", "all of it")]


def test_a_folder_is_whole_or_absent(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), atomic_write(tmp_path / "folder") as partial:
        (partial / "inner").mkdir(parents=True)
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    with atomic_write(tmp_path / "folder") as partial:
        (partial / "inner").mkdir(parents=True)
    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))] == ["folder", "folder/inner"]


def test_files_that_belong_together_are_all_there_or_none(tmp_path: Path) -> None:
    table = tmp_path / "new" / "table.csv"
    with pytest.raises(RuntimeError), written_together(table) as folder:
        (folder / "sheet.png").touch()
        raise RuntimeError
    assert list(table.parent.iterdir()) == []
    with written_together(table) as folder:
        for name in (table.name, "sheet.png"):
            (folder / name).write_text(name)
        assert [path.name for path in table.parent.iterdir()] == [folder.name]
    assert {path.name: path.read_text() for path in table.parent.iterdir()} == {
        name: name for name in ("table.csv", "sheet.png")
    }


def test_json_comes_back(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"név": [1, None]})
    assert read_json(tmp_path / "a.json") == {"név": [1, None]}


def test_only_a_free_place_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ensure_absent(tmp_path / "a" / "b" / "c")
    for path, message in (
        (tmp_path, "This folder exists"), (tmp_path / "file", "This file exists"),
        (tmp_path / "file" / "below", "This is a file, not a folder"),
    ):  # fmt: skip
        with pytest.raises(UserError, match=message):
            ensure_absent(path)


def test_names_are_relative_to_the_folder_that_holds_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert relative_names([f"{tmp_path}/art/calm/1.png", "art/sad/1.png"]) == ["calm/1.png", "sad/1.png"]
    assert relative_names(["art/1.png"]) == ["1.png"]
    assert relative_names([]) == []


def test_a_path_is_shown_from_the_working_folder_where_it_lies_within(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert from_here(tmp_path / "here/outputs/run") == Path("outputs/run")
    for elsewhere in (tmp_path / "run", tmp_path / "here", Path("outputs/run")):
        assert from_here(elsewhere) == elsewhere
