"""Examples of concepts from folders."""

from pathlib import Path

import pytest
from PIL import Image

from emotionart.errors import UserError
from emotionart.explain.units.concept_report import read_concepts


def painted(folder: Path, numbers: range) -> Path:
    """A folder of pictures of one pixel, alike where their numbers are alike modulo 1,000."""
    folder.mkdir()
    for number in numbers:
        colour = divmod(number % 1000, 256)
        Image.new("RGB", (1, 1), (*colour, 0)).save(folder / f"{number:04}.png")
    return folder


def test_copies_of_a_picture_are_one_example(tmp_path: Path) -> None:
    folder = painted(tmp_path / "copies", range(0, 12000, 1000))
    with pytest.raises(UserError, match="at least 10 different pictures; this folder has 1"):
        read_concepts([folder], 1, "squash")
    folder = painted(tmp_path / "some", range(11))
    painted(folder / "again", range(1000, 1005))
    (concept,) = read_concepts([folder], 1, "squash")
    assert concept.pictures[:, 0, 0, 1].tolist() == [*range(11)]
    assert len(concept.digests) == 11


def test_only_examples_that_are_used_are_decoded(tmp_path: Path) -> None:
    folder = painted(tmp_path / "many", range(500))
    (folder / "0001.png").write_text("no picture")
    (concept,) = read_concepts([folder], 1, "squash")
    assert len(concept.pictures) == 250
    assert len(concept.digests) == 500, "all are left out of the other works"


def test_a_concept_is_called_as_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = painted(tmp_path / "skulls", range(10))
    (folder / "inside").mkdir()
    (tmp_path / "link").symlink_to(folder)
    monkeypatch.chdir(folder)
    asked = [Path(), tmp_path / "link"]
    assert [one.name for one in read_concepts(asked, 1, "squash")] == ["skulls", "link"]
    monkeypatch.chdir(folder / "inside")
    assert [one.name for one in read_concepts([Path("..")], 1, "squash")] == ["skulls"]
    with pytest.raises(UserError, match="Two concepts are called 'skulls'"):
        read_concepts([folder, Path("..")], 1, "squash")


def test_a_concept_with_unreadable_pictures_is_refused_with_each_ones_reason(tmp_path: Path) -> None:
    folder = painted(tmp_path / "skulls", range(12))
    for name in ("0003.png", "0007.png"):
        (folder / name).write_text(f"no picture, called {name}")
    with pytest.raises(UserError) as refused:
        read_concepts([folder], 1, "squash")
    assert str(refused.value).splitlines() == [
        "2 of 12 pictures cannot be used:",
        f"    {folder / '0003.png'} (not a picture but a text file)",
        f"    {folder / '0007.png'} (not a picture but a text file)",
        f"  where: --concept {folder}",
    ]
