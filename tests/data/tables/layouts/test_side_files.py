"""Files and folders that lie beside pictures and are no artworks."""

from pathlib import Path

import pytest
from PIL import Image

from emotionart.data.tables.layouts.folder import read_folder
from emotionart.errors import UserError


def tree(root: Path, *names: str) -> Path:
    for number, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4), (number, 0, 0)).save(root / name, "PNG")
    return root


PLAIN = ("joy/1.png", "joy/2.png", "calm/3.png")


@pytest.mark.parametrize(
    "side", ["thumbnails/1.png", "calm/masks/3.png", "joy/1_mask.png", "joy/2-150x150.png", "joy/1@2x.png"]
)
def test_masks_and_thumbnails_are_told(tmp_path: Path, side: str, caplog: pytest.LogCaptureFixture) -> None:
    read_folder(tree(tmp_path, *PLAIN, side))
    assert f"1 of 4 pictures seem to be masks or small versions of others, and count as artworks: {side}" in caplog.text


@pytest.mark.parametrize("name", ["joy/the mask.png", "joy/mask.png", "joy/9-150x150.png", "joy/thumb_4.png"])
def test_works_of_such_names_are_not(tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture) -> None:
    read_folder(tree(tmp_path, *PLAIN, name))
    assert not caplog.records


def test_copied_folders_links_to_nowhere_and_unread_kinds_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tree(tmp_path, *PLAIN, "Joy - Copy/1.png", "calm (1)/1.png", "joy 2/1.png")
    (tmp_path / "joy" / "dead.jpg").symlink_to("nowhere.jpg")
    (tmp_path / "joy" / "raw.NEF").write_bytes(b"raw")
    read_folder(tmp_path)
    assert "'calm (1)', 'joy - copy': folders called like copies of others" in caplog.text
    assert "dead.jpg is a link that leads nowhere" in caplog.text
    assert "1 files (.NEF) are of kinds that are not read" in caplog.text


def test_pictures_without_endings_are_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"has the ending of a picture, but 2 is one \(PNG\)"):
        read_folder(tree(tmp_path, "joy/1", "calm/2"))


def test_pictures_without_the_ending_of_one_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    tree(tmp_path, *PLAIN, "joy/4.jpg?w=500", "joy/5.jpg?w=500", "calm/6")
    (tmp_path / "notes.txt").write_text("no picture")
    assert len(read_folder(tmp_path)) == 3
    assert "3 files seem to be pictures without the ending of one" in caplog.text


def test_folders_that_name_several_others_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    read_folder(tree(tmp_path, *PLAIN, "joy_calm/4.png", "Joy and Calm/5.png", "very_calm/6.png"))
    assert "'joy and calm', 'joy_calm': folders that name several others" in caplog.text
