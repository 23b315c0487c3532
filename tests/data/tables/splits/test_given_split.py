"""A split that the data bring is the split."""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from emotionart.data.tables.layouts.folder import read_folder
from emotionart.data.tables.layouts.reading import read_table
from emotionart.data.tables.splits.given import crossing
from emotionart.data.tables.splits.parts import part_of
from emotionart.errors import UserError
from tests.data.tables.cases import COUNT, LABELS, NAMES, folders, label, parts, picture, pictures, write

SPELT = ["train", "Training", "val", "TEST"]


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("art")
    names = pictures(folder)
    rows = [(name, label(n), SPELT[n % 4]) for n, name in enumerate(names)]
    write(folder / "labels.csv", ["image", "label", "split"], rows)
    for part, numbers in (("train", range(40)), ("test", range(40, COUNT))):
        (folder / f"{part}.txt").write_text("\n".join(f"{names[n][4:-4]} {n % 3}" for n in numbers))
    return folder


@pytest.mark.parametrize(
    ("name", "part"),
    [
        *(("Train", "train"), ("Dev", "validation"), (" val ", "validation"), ("testing", "test"), ("joy", None)),
        *(("train_images", "train"), ("1_test", "test"), ("test2", "test"), ("dev set", "validation")),
        *(("PublicTest", "validation"), ("training-data", "train"), ("tense", None), ("contest", None), ("2", None)),
    ],
)
def test_parts_are_known_in_their_usual_spellings(name: str, part: str | None) -> None:
    assert part_of(name) == part


def test_a_column_divides_as_it_says(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    split = read_table(art / "labels.csv", split="split").split
    assert Counter(split.part) == {"train": 30, "validation": 15, "test": 15}
    with caplog.at_level("INFO"):
        assert read_table(art / "labels.csv").split is None
    assert "to use it: data.split=split" in caplog.text


def test_folders_in_the_paths_are_told_and_divide_as_they_say(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folders(tmp_path / "art", "train", "test", "train")
    names = sorted(file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*.png"))
    path = write(tmp_path / "labels.csv", ["image", "label"], [(name, Path(name).parent.name) for name in names])
    with caplog.at_level("INFO"):
        assert read_table(path).split is None
    assert "hold a split (test 8, train 16), which is not used; to use it: data.split=image" in caplog.text
    split = read_table(path, split="image").split
    assert split.part.tolist() == [Path(name).parts[1] for name in names]


def test_paths_without_parts_are_no_split(art: Path) -> None:
    with pytest.raises(UserError, match="name no parts of a split") as caught:
        read_table(art / "labels.csv", split="image")
    assert "data.split=anew" in caught.value.fix


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("fold", "01234", True),
        ("is_train", "01", True),
        ("train", ["True", "False"], True),
        ("split", ["TRAIN", "holdout"], True),
        ("folder", "01234", False),
        ("is_portrait", "01", False),
        ("set", ["landscapes", "portraits"], False),
    ],
)
def test_columns_that_seem_to_hold_a_split_are_told(
    art: Path, caplog: pytest.LogCaptureFixture, column: str, values: list[str], told: bool
) -> None:
    rows = [(name, label(n), values[n % len(values)]) for n, name in enumerate(NAMES)]
    with caplog.at_level("INFO"):
        read_table(write(art / "odd.csv", ["image", "label", column], rows))
    assert (f"column '{column}' seems to hold a split" in caplog.text) == told


def test_other_values_of_the_column_are_listed(art: Path) -> None:
    with pytest.raises(UserError, match=r"has other values: 'calm' \(20\), 'joy' \(20\), 'sadness' \(20\)"):
        read_table(art / "labels.csv", split="label")


def test_lists_divide_as_they_say(art: Path) -> None:
    table = read_table(art / "labels.csv", split={"train": "train.txt", "test": "test.txt"})
    assert table.split.part.tolist() == ["train"] * 40 + ["test"] * 20
    assert read_table(art / "labels.csv", split=".").split.part.tolist() == table.split.part.tolist()
    with pytest.raises(UserError, match="There is no such list"):
        read_table(art / "labels.csv", split={"train": "away.txt"})
    with pytest.raises(UserError, match="Two lists are of the part 'validation'"):
        read_table(art / "labels.csv", split={"train": "train.txt", "val": "test.txt", "dev": "train.txt"})
    with pytest.raises(UserError, match="'trian' is not a part") as caught:
        read_table(art / "labels.csv", split={"trian": "train.txt"})
    assert caught.value.suggestions == ("train",)


@pytest.mark.parametrize(
    ("listed", "left"),
    [
        ("utf-16", "\n".join),
        ("latin-1", lambda names: "\n".join([*names, "img/Käthe.jpg"])),
        ("utf-8", json.dumps),
        ("utf-8", lambda names: json.dumps([{"file_name": name, "label": "joy"} for name in names])),
        ("utf-8", lambda names: "\n".join(f"{name} joy" for name in names)),
        ("utf-8", lambda names: "image,label\n" + "\n".join(f"{name},joy" for name in names)),
        ("utf-8", lambda names: ",image\n" + "\n".join(f"{row},{name}" for row, name in enumerate(names, 20))),
        ("utf-8", lambda names: "\n".join(f"C:\\art\\{name.replace('/', chr(92))}" for name in names)),
    ],
)
def test_lists_are_read_however_they_are_written(art: Path, listed: str, left: Callable[[list[str]], str]) -> None:
    names = [f"img/{number:03d}.jpg" for number in range(COUNT)]
    (art / "some.txt").write_bytes(left(names[:40]).encode(listed))
    split = read_table(art / "labels.csv", split={"train": "some.txt", "test": "test.txt"}).split
    assert split.part.tolist() == ["train"] * 40 + ["test"] * 20


def test_names_of_a_list_that_are_nobodys_are_shown(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    (art / "few.txt").write_text("img/000.jpg\nimg/away.jpg\n")
    read_table(art / "labels.csv", split={"train": "few.txt", "test": "test.txt"})
    assert "1 of 2 names are not those of artworks: img/away.jpg" in caplog.text


def test_a_column_of_numbered_classes_is_not_taken_for_names(art: Path) -> None:
    """Each of its cells is also the number of a picture, while one of the names is nobody's."""
    lines = ["image,class", "999.jpg,001", *(f"{number:03d}.jpg,00{number % 3}" for number in range(40))]
    (art / "classes.csv").write_text("\n".join(lines))
    split = read_table(art / "labels.csv", split={"train": "classes.csv", "test": "test.txt"}).split
    assert split.part.tolist() == ["train"] * 40 + ["test"] * 20


@pytest.mark.parametrize("column", ["Usage", "phase", "fold of the authors"])
def test_a_column_of_parts_is_told_whatever_it_is_called(
    art: Path, tmp_path: Path, column: str, caplog: pytest.LogCaptureFixture
) -> None:
    names = [str(art / f"img/{number:03d}.jpg") for number in range(COUNT)]
    parts = ["Training", "Training", "PublicTest", "PrivateTest"]
    rows = [(name, label(number), parts[number % 4]) for number, name in enumerate(names)]
    path = write(tmp_path / "usage.csv", ["image", "label", column], rows)
    with caplog.at_level("INFO"):
        read_table(path)
    assert (
        f"column '{column}' holds a split (Training 30, PublicTest 15, PrivateTest 15), which is not used"
        in caplog.text
    )
    assert Counter(read_table(path, split=column).split.part) == {"train": 30, "validation": 15, "test": 15}


@pytest.mark.parametrize(
    ("inner", "told", "fix"),
    [
        ("{part}", "all hold folders called calm, joy, sadness: either could be the classes", True),
        ("{part}/{part}", "which seem to be the classes", False),
    ],
)
def test_parts_of_odd_names_are_refused_until_they_are_named(tmp_path: Path, inner: str, told: str, fix: bool) -> None:
    homes = [inner.format(part=part) for part in ("Trainingsdaten", "Testdaten")]
    folders(tmp_path, *homes)
    if fix:
        with pytest.raises(UserError, match=told) as caught:
            read_folder(tmp_path)
        assert "'data.split={train: Trainingsdaten, test: Testdaten}'" in caught.value.fix
        assert read_folder(tmp_path, "none").labels == ("testdaten", "trainingsdaten")
    else:
        with pytest.raises(UserError, match=told) as caught:
            read_folder(tmp_path, {"train": "Trainingsdaten", "test": "Testdaten"})
        assert f"{{train: {homes[0]}, test: {homes[1]}}}" in caught.value.fix
    table = read_folder(tmp_path, {"train": homes[0], "test": homes[1]})
    assert set(table.labels) == set(LABELS)
    where = ["train" if "Training" in image else "test" for image in table.image]
    assert table.split.part.tolist() == where


def test_parts_within_classes_are_a_split(tmp_path: Path) -> None:
    for number in range(24):
        folder = tmp_path / LABELS[number % 3] / ("train", "test")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        picture(number).save(folder / f"{number}.png")
    table = read_folder(tmp_path)
    assert set(table.labels) == set(LABELS)
    assert Counter(table.split.part) == {"train": 12, "test": 12}
    folders(tmp_path / "wrapped/data", "train", "test")
    with pytest.raises(UserError, match="which seem to be the classes, or parts of a split") as caught:
        read_folder(tmp_path / "wrapped")
    assert set(read_folder(Path(caught.value.suggestions[0])).labels) == set(LABELS)


def test_what_a_named_split_leaves_out_has_no_part(tmp_path: Path) -> None:
    folders(tmp_path, "train", "test", "holdout")
    with pytest.raises(UserError, match="stand beside holdout") as caught:
        read_folder(tmp_path)
    assert caught.value.fix.startswith("'data.split={train: train, test: test}'   to leave the rest out")
    table = read_folder(tmp_path, {"train": "train", "test": "test"})
    assert Counter(table.split.part) == {"train": 8, "test": 8, "": 8}
    assert set(table.labels) < set(LABELS)


@pytest.mark.parametrize("names", [("train", "test"), ("Training", "Validation", "Testing"), ("train", "val", "test"),
                                   ("train_images", "test_images"), ("training_set", "test_set")])  # fmt: skip
def test_folders_of_parts_are_a_split_and_never_classes(tmp_path: Path, names: tuple[str, ...]) -> None:
    table = read_folder(folders(tmp_path, *names))
    assert set(table.labels) == set(LABELS)
    assert table.split is not None
    where = [Path(image).relative_to(tmp_path.resolve()).parts[0] for image in table.image]
    assert table.split.part.tolist() == [part_of(name) for name in where]
    assert set(read_folder(tmp_path, "none").labels) == {name.casefold() for name in names}


def test_parts_without_classes_and_parts_among_others_are_refused(tmp_path: Path) -> None:
    for part in ("train", "test"):
        (tmp_path / part).mkdir()
        picture(0).save(tmp_path / part / "0.png")
    with pytest.raises(UserError, match="hold no folders of classes"):
        read_folder(tmp_path)
    (tmp_path / "joy").mkdir()
    picture(1).save(tmp_path / "joy" / "1.png")
    with pytest.raises(UserError, match="stand beside joy"):
        read_folder(tmp_path)


def test_a_folder_around_the_classes_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="The only folder here holds 3 folders of pictures") as caught:
        read_folder(folders(tmp_path, "dataset"))
    assert caught.value.suggestions == (str(tmp_path / "dataset"),)


def test_what_stands_on_both_sides_is_counted() -> None:
    part = parts(3, 1, 2)
    group = np.array(["Ann", "Bob", "", "Bob", "Ann", "Cy"], dtype=object)
    found = crossing(part, group, np.array([0, 1, 2, 3, 2, 4]))
    assert (found.artists, found.copies) == (2, 1)
    group[5] = "Ann; Bob"  # a work of hers and of his
    assert crossing(part, group, np.arange(6)).artists == 2
    group[4] = "Dan"
    assert crossing(part, group, np.arange(6)).artists == 2
    group[:] = ["['Eve']", "Dan; Fay", "", "['Eve', 'Fay']", "Gil & Dan", ""]
    assert crossing(part, group, np.arange(6)).artists == 3


def test_a_folder_of_a_part_that_is_not_there_is_named(tmp_path: Path) -> None:
    for place in ("train/joy", "train/fear", "test/joy", "test/fear"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "a.png").write_bytes(b"picture")
    with pytest.raises(UserError, match="There is no such folder of a part") as caught:
        read_folder(tmp_path, {"train": "train", "test": "tset"})
    assert caught.value.where == f"data.split: {tmp_path.resolve() / 'tset'}"
    assert caught.value.suggestions == ("test",)


def test_folders_that_are_parts_of_classes_are_no_classes(tmp_path: Path) -> None:
    for name in ("joy_train", "joy_test", "train calm", "test calm", "fear"):
        (tmp_path / name).mkdir()
        picture(1).save(tmp_path / name / "1.png")
    with pytest.raises(
        UserError, match="joy_test, joy_train, test calm, train calm seem to be parts of classes"
    ) as caught:
        read_folder(tmp_path)
    assert "data.split=none" in str(caught.value.fix)
    assert len(read_folder(tmp_path, "none").labels) == 5
    for name in ("train calm", "test calm"):
        shutil.rmtree(tmp_path / name)
    assert len(read_folder(tmp_path).labels) == 3
