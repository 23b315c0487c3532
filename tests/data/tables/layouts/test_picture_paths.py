"""Names in a table, and the files that they stand for."""

import logging
from pathlib import Path

import pytest

from emotionart.data.tables.layouts.reading import read_table
from emotionart.errors import UserError
from tests.data.tables.cases import COUNT, NAMES, ROWS, label, picture, pictures, plain, write


@pytest.mark.parametrize("before", ["C:\\Users\\Ann\\art\\", "/home/ann/art/", "/", "D:/"])
def test_paths_of_another_machine_are_found_by_their_ends(
    art: Path, before: str, caplog: pytest.LogCaptureFixture
) -> None:
    slash = "\\" if "\\" in before else "/"
    rows = [(before + name.replace("/", slash), one) for name, one in ROWS]
    assert plain(read_table(write(art / "elsewhere.csv", ["image", "label"], rows)))
    assert "60 paths are those of another place; their ends were found here, such as img/000.jpg" in caplog.text


def test_paths_of_another_machine_whose_folders_tell_them_apart_are_missing(art: Path) -> None:
    rows = [(f"/data/{one}/{Path(name).name}", one) for name in NAMES for one in ("joy", "fear")]
    path = write(art / "img" / "elsewhere.csv", ["image", "label"], rows)
    with pytest.raises(UserError, match="120 of 120 pictures are not there"):
        read_table(path)


def test_jpg_is_found_as_jpeg_also_at_the_end_of_a_path(
    art: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "img").mkdir()
    for name in NAMES:
        (tmp_path / "img" / f"{Path(name).stem}.jpeg").symlink_to(art / name)
    rows = [(f"C:\\art\\pics\\{Path(name).stem}.JPG", one) for name, one in ROWS]
    path = write(tmp_path / "windows.csv", ["image", "label"], rows)
    with pytest.raises(UserError, match="They lie on a drive of another machine") as caught:
        read_table(path)
    assert caught.value.fix == "data.root=img"
    assert plain(read_table(path, root="img"))
    with caplog.at_level(logging.INFO):
        near = write(tmp_path / "near.csv", ["image", "label"], [(f"{name[:-4]}.JPG", one) for name, one in ROWS])
        assert plain(read_table(near))
    assert "60 names differ from their files in case or Unicode form, in .jpg for .jpeg" in caplog.text


def test_a_file_that_another_row_names_by_its_own_ending_is_missing(art: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jpeg").symlink_to(art / NAMES[0])
    path = write(tmp_path / "both.csv", ["image", "label"], [("a.jpeg", "joy"), ("a.jpg", "fear")])
    with pytest.raises(UserError, match="1 of 2 pictures are not there"):
        read_table(path)


def test_a_number_whose_file_another_row_names_is_missing(art: Path) -> None:
    (art / "img" / "7.jpg").write_bytes((art / "img" / "000.jpg").read_bytes())
    path = write(art / "numbers.csv", ["image", "label"], [*ROWS[:30], ("img/0007.jpg", "joy"), ("img/7.jpg", "fear")])
    with pytest.raises(UserError, match="1 of 32 pictures are not there"):
        read_table(path)
    (art / "img" / "7.jpg").unlink()


def test_file_addresses_and_escaped_letters_are_paths(art: Path) -> None:
    rows = [(f"file://{art}/{name}", one) for name, one in ROWS]
    assert plain(read_table(write(art / "addresses.csv", ["image", "label"], rows)))
    rows = [(name.replace("/", "%2F"), one) for name, one in ROWS]
    assert plain(read_table(write(art / "escaped.csv", ["image", "label"], rows)))


@pytest.mark.parametrize(
    ("spelt", "words", "fix"),
    [
        ("{:03d}", {}, "data.root=img data.extension=.jpg"),
        ("{}.0", {}, "data.root=img data.extension=.jpg"),
        ("img/{:03d}", {}, "data.extension=.jpg"),
        ("img/{:03d}.jpg", {"root": "img"}, "data.root=."),
    ],
)
def test_the_fix_for_pictures_that_are_not_there_finds_them(
    art: Path, spelt: str, words: dict[str, str], fix: str
) -> None:
    path = write(art / "lost.csv", ["image", "label"], [(spelt.format(n), label(n)) for n in range(COUNT)])
    with pytest.raises(UserError, match="60 of 60 pictures are not there") as caught:
        read_table(path, **words)
    assert caught.value.fix == fix
    named = dict(word.removeprefix("data.").split("=") for word in fix.split())
    assert plain(read_table(path, **{**words, **named}))


def test_an_ending_without_its_dot_and_a_folder_that_is_nearly_right(art: Path) -> None:
    path = write(art / "stems.csv", ["image", "label"], [(name[4:-4], one) for name, one in ROWS])
    assert plain(read_table(path, root="img", extension="jpg"))
    with pytest.raises(UserError) as caught:
        read_table(path, root="imgs", extension="jpg")
    assert caught.value.suggestions == (str(art / "img"),)


def test_addresses_on_the_web_are_not_searched_for(art: Path) -> None:
    rows = [(f"www.example.org/{name}", one) for name, one in ROWS]
    with pytest.raises(UserError, match="60 of 60 pictures are addresses on the web"):
        read_table(write(art / "web.csv", ["image", "label"], rows))


def test_columns_that_cannot_be_labels_are_refused(art: Path) -> None:
    path = write(art / "same.csv", ["image", "label"], ROWS)
    with pytest.raises(UserError, match="column of pictures is no column of labels"):
        read_table(path, label="image")
    with pytest.raises(UserError, match="what is tested was never learnt") as caught:
        read_table(path, group="label")
    assert caught.value.fix == "data.group=null"


@pytest.mark.parametrize(
    "cell", ["portrait;oil paint", "Portrait, oil paint", "portrait|oil paint", "['portrait', 'oil paint']"]
)
def test_tags_are_several_whatever_stands_between_them(art: Path, cell: str, caplog: pytest.LogCaptureFixture) -> None:
    path = write(art / "tags.csv", ["image", "label", "tags"], [(*row, cell) for row in ROWS])
    with caplog.at_level(logging.INFO):
        assert read_table(path, tags="tags").tags[0] == {"portrait", "oil paint"}
    assert ("are read as separated by" in caplog.text) == (";" not in cell)


def test_names_are_those_of_the_files(art: Path) -> None:
    assert [Path(image).name for image in read_table(write(art / "plain.csv", ["image", "label"], ROWS)).image] == [
        Path(name).name for name in NAMES
    ]


@pytest.mark.parametrize("spelt", ["{:03d}.jpg", "{:03d}", "{}"])
def test_names_without_folders_are_found_in_several_where_each_is_the_only_one(
    tmp_path: Path, spelt: str, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(6):
        folder = tmp_path / "images" / ("joy", "fear")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        picture(number).save(folder / f"{number:03d}.jpg")
    path = write(tmp_path / "labels.csv", ["image", "label"], [(spelt.format(n), label(n)) for n in range(6)])
    images = [Path(image).relative_to(tmp_path).as_posix() for image in read_table(path).image]
    assert images == [f"images/{('joy', 'fear')[number % 2]}/{number:03d}.jpg" for number in range(6)]
    assert "each is the name of a single picture in the folders of" in caplog.text
    picture(9).save(tmp_path / "images" / "joy" / "001.jpg")
    with pytest.raises(UserError, match=r"1 of 6 pictures are not there\. 1 names are those of several") as caught:
        read_table(path)
    assert caught.value.suggestions == ("images/fear/001.jpg", "images/joy/001.jpg")
    assert len(read_table(path, on_missing="skip")) == 5


def spread(root: Path, *names: str) -> list[str]:
    """Writes pictures below a folder; the names of the files without folders."""
    for number, name in enumerate(names):
        (root / name).parent.mkdir(exist_ok=True)
        picture(number).save(root / name)
    return [Path(name).name for name in names]


def listed(root: Path, names: list[str]) -> Path:
    return write(root / "labels.csv", ["image", "label"], [(name, label(n)) for n, name in enumerate(names)])


def test_a_name_without_a_file_leaves_the_others_to_be_found_in_several_folders(tmp_path: Path) -> None:
    names = spread(tmp_path, *(f"{'xy'[n % 2]}/{n}.png" for n in range(30)))
    path = listed(tmp_path, [*names, "lost.png"])
    with pytest.raises(UserError, match=r"1 of 31 pictures are not there\.\n.*row 32: .*/lost.png") as caught:
        read_table(path)
    assert "data.on_missing=skip" in str(caught.value.fix)
    assert [Path(image).name for image in read_table(path, on_missing="skip").image] == names


def test_a_name_without_a_file_leaves_the_folder_of_the_others_to_be_named(tmp_path: Path) -> None:
    names = spread(tmp_path, "x/a.png", "x/b.png", "x/c.png")
    path = listed(tmp_path, [*names, "lost.png"])
    with pytest.raises(UserError, match=r"4 of 4 .* For 1 names, such as lost\.png, no picture was found") as caught:
        read_table(path)
    assert caught.value.fix == "data.root=x"
    with pytest.raises(UserError, match="1 of 4 pictures are not there"):
        read_table(path, root="x")
    assert len(read_table(path, root="x", on_missing="skip")) == 3


def test_pictures_beside_the_table_stay_found_where_others_lie_in_a_folder(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = listed(tmp_path, spread(tmp_path, "a.png", "x/b.png"))
    assert [Path(image).relative_to(tmp_path).as_posix() for image in read_table(path).image] == ["a.png", "x/b.png"]
    assert "1 names have no folder" in caplog.text
    path = listed(tmp_path, ["a.png", "old/b.png"])
    (tmp_path / "x" / "old").mkdir()
    (tmp_path / "x" / "b.png").rename(tmp_path / "x" / "old" / "b.png")
    with pytest.raises(UserError, match="1 of 2 pictures are not there") as caught:
        read_table(path)
    assert "data.root=x" not in str(caught.value.fix)  # it would lose a.png


def test_a_file_that_another_row_names_is_not_taken_for_a_name_without_a_folder(tmp_path: Path) -> None:
    spread(tmp_path, "a.png", "x/1.png")
    for names in (["a.png", "x/1.png", "1.png"], ["a.png", "1.png", "001.png"]):
        with pytest.raises(UserError, match=rf"{len(names) - 2 + (names[1] == '1.png')} of 3 pictures are not there"):
            read_table(listed(tmp_path, names))


def test_pictures_of_the_same_names_in_two_folders_are_told(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        pictures(tmp_path / folder)
    path = write(tmp_path / "labels.csv", ["image", "label"], ROWS)
    with pytest.raises(UserError, match="are there 2 times; the table does not say which") as caught:
        read_table(path)
    assert caught.value.suggestions == ("data.root=a", "data.root=b")
    assert "data.root" not in caught.value.fix
    (tmp_path / "a" / NAMES[0]).unlink()
    with pytest.raises(UserError) as caught:
        read_table(path)
    assert caught.value.fix == "data.root=b"


def test_an_ending_is_not_added_to_a_name_that_has_one(art: Path) -> None:
    rows = [(Path(name).name if number % 4 else Path(name).stem, one) for number, (name, one) in enumerate(ROWS)]
    assert plain(read_table(write(art / "some.csv", ["image", "label"], rows), root="img", extension=".jpg"))


def test_invisible_signs_around_names_count_for_nothing(art: Path) -> None:
    rows = [(f"\u202aC:\\art\\{name}\u200b", one) for name, one in ROWS]
    assert plain(read_table(write(art / "copied.csv", ["image", "label"], rows)))
