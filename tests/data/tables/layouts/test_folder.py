import shlex
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from PIL import Image

from emotionart.cli.main import main
from emotionart.data.gallery.gallery import GallerySettings, write_gallery
from emotionart.data.tables.layouts.folder import import_by_names, pictures_in, read_folder
from emotionart.errors import UserError
from tests.data.tables.cases import COUNT


def test_a_class_that_may_not_be_read_is_named_and_not_left_out(unprivileged: Path) -> None:
    for name in ("joy", "fear", "anger"):
        (unprivileged / name).mkdir()
        (unprivileged / name / "a.png").write_bytes(b"picture")
    for name in ("fear", "anger"):
        (unprivileged / name).chmod(0)
    with pytest.raises(UserError) as caught:
        read_folder(unprivileged)
    assert f"{unprivileged.resolve()}/fear" in str(caught.value)
    assert f"{unprivileged.resolve()}/anger" in str(caught.value)


def test_of_a_gallery_only_paintings_are_pictures(tmp_path: Path) -> None:
    write_gallery(tmp_path / "art", GallerySettings(count=3, size=32), workers=1)
    assert [picture.parent.name for picture in pictures_in(tmp_path)] == ["images"] * 3
    assert len(read_folder(tmp_path / "art")) == 3


@pytest.mark.parametrize(
    ("beside", "fix"),
    [(True, "data=table data.path={art}/labels.csv\n"), (False, "labels.csv   or a folder for each class\n")],
)
def test_a_flat_folder_says_what_it_lacks(
    beside: bool, fix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    art = tmp_path / "art"
    art.mkdir()
    for number in range(4):
        Image.new("RGB", (70, 70), (60 * number, 0, 0)).save(art / f"{number}.png")
    if beside:
        (art / "labels.csv").write_text("image,label\n0.png,joy\n1.png,fear\n")
    assert main(["data", "check", str(art), f"cache={tmp_path / 'cache'}", "data.near_duplicates=null"]) == 1
    told = capsys.readouterr().out
    assert "a picture's label is the folder that it lies in" in told
    assert fix.format(art=art) in told
    assert ("a table lies beside the pictures and is not read" in caplog.text) == beside


def test_a_table_of_any_name_beside_a_folder_of_pictures_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    art = tmp_path / "Gemälde"
    (art / "images").mkdir(parents=True)
    for number in range(4):
        Image.new("RGB", (70, 70), (60 * number, 0, 0)).save(art / "images" / f"{number}.png")
    (art / "notes.csv").write_text("who,when\nAnn,today\n")
    asked = [f"cache={tmp_path / 'cache'}", "data.near_duplicates=null"]
    assert main(["data", "check", str(art), *asked]) == 1
    assert "fix: data=table data.path=labels.csv   or a folder for each class" in capsys.readouterr().out
    (art / "train.csv").write_text("filename,label\n" + "".join(f"images/{n}.png,{n % 2}\n" for n in range(4)))
    assert main(["data", "check", str(art), *asked]) == 1
    told = capsys.readouterr().out
    assert "All 4 labelled artworks are in one class, 'images'" in told
    way_out = shlex.split(told.partition("fix: ")[2].partition("\n")[0])
    assert way_out == ["data=table", f'data.path="{art}/train.csv"', "data.image=filename"]
    assert main(["data", "check", str(art / "train.csv"), way_out[2], *asked]) == 0


@pytest.mark.parametrize("within", ["", "images/"])
def test_a_table_next_to_a_folder_of_pictures_is_named(
    within: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "images").mkdir()
    for number in range(4):
        Image.new("RGB", (70, 70), (60 * number, 0, 0)).save(tmp_path / "images" / f"{number}.png")
    (tmp_path / "labels.csv").write_text("image,label\nof-another-folder.png,joy\n")
    rows = "".join(f"{within}{n}.png,{('joy', 'fear')[n % 2]}\n" for n in range(4))
    (tmp_path / "mine.csv").write_text(f"filename,label\n{rows}")
    monkeypatch.chdir(tmp_path)
    asked = [f"cache={tmp_path / 'cache'}", "data.near_duplicates=null"]
    assert main(["data", "check", "images", *asked]) == 1
    _, path, *others = shlex.split(capsys.readouterr().out.partition("fix: ")[2].partition("\n")[0])
    assert (path, *others) == ("data.path=mine.csv", "data.image=filename", *([] if within else ["data.root=images"]))
    assert main(["data", "check", "mine.csv", *others, *asked]) == 0


def test_labels_in_the_names_of_pictures_are_imported_by_the_command_that_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "art").mkdir()
    for number in range(4):
        Image.new("RGB", (70, 70), (60 * number, 0, 0)).save(
            tmp_path / "art" / f"{('joy', 'fear')[number % 2]}_{number}.jpg"
        )
    monkeypatch.chdir(tmp_path)
    assert main(["data", "check", "art", "cache=cache", "data.near_duplicates=null"]) == 1
    command = shlex.split(capsys.readouterr().out.partition("fix: ")[2].partition("\n")[0])
    assert command[:4] == ["emotionart", "data", "import", "artphoto"]
    assert main(command[1:]) == 0
    assert "labels: fear 2, joy 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("names", "labelled"),
    [
        (("IMG_1", "IMG_2", "DSC_1", "DSC_2"), False),
        (("scan_1", "scan_2", "joy_1", "joy_2"), False),
        (("ann_1", "tom_2", "eve_3"), False),
        (("joy_1", "joy_2", "fear_1"), True),
    ],
)
def test_names_by_cameras_are_no_labels(names: tuple[str, ...], labelled: bool, tmp_path: Path) -> None:
    for name in names:
        (tmp_path / f"{name}.jpg").write_bytes(b"picture")
    assert (import_by_names(tmp_path) is not None) == labelled


def test_a_flat_folder_becomes_a_table_to_label(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    art, table = tmp_path / "art", tmp_path / "made.csv"
    art.mkdir()
    for number in range(4):
        Image.new("RGB", (8, 8)).save(art / f"{number}.png")
    assert main(["data", "import", "folder", str(art), "--out", str(table)]) == 0
    told = capsys.readouterr().out
    assert "4 artworks; none has a label" in told
    assert f"write labels into its column 'label', and then: emotionart data check {table}" in told
    assert "train.py" not in told
    assert table.read_text().splitlines()[1] == "art/0.png,"


def test_folders_of_archives_and_servers_are_no_classes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for place in ("joy", "fear", "__MACOSX/joy", "joy/@eaDir", "fear/close"):
        (tmp_path / place).mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(tmp_path / place / "a.png")
    with caplog.at_level("INFO"):
        table = read_folder(tmp_path)
    assert table.labels == ("fear", "joy")
    assert table.votes.sum(axis=0).tolist() == [2, 1]
    assert "__MACOSX is no folder of pictures" in caplog.text
    assert "1 pictures lie in a folder within their class's (fear/close)" in caplog.text


@pytest.mark.parametrize("wrapper", ["download", "download/download", "archive (1)/images/all"])
def test_the_folder_around_the_classes_is_named_however_deep_it_lies(
    wrapper: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in ("joy", "fear"):
        (tmp_path / wrapper / place).mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(tmp_path / wrapper / place / "a.png")
    with pytest.raises(UserError, match=r"The only folder here holds 2 folders of pictures \(fear, joy\)") as caught:
        read_folder(tmp_path)
    (way_out,) = shlex.split(caught.value.fix)
    assert (
        main(["data", "check", str(tmp_path), way_out, f"cache={tmp_path / 'cache'}", "data.near_duplicates=null"]) == 1
    )
    told = capsys.readouterr().out
    assert "2 artworks" in told
    assert "only folder" not in told


def stored(root: Path, *places: str) -> Path:
    """Pictures of joy and of fear in each of some folders."""
    for place in places:
        for name in ("joy", "fear"):
            (root / place / name).mkdir(parents=True)
            Image.new("RGB", (8, 8)).save(root / place / name / "a.png")
    return root


def mapped(way_out: str | None) -> dict[str, str]:
    """The split of the override at the beginning of a fix, as the shell and Hydra read it."""
    override = OverridesParser.create().parse_override(shlex.split(str(way_out))[0])
    assert override.key_or_group == "data.split"
    return {str(part): str(folder) for part, folder in override.value().items()}


@pytest.mark.parametrize(
    ("places", "split"),
    [
        ({"train": "first/images", "test": "second/images"}, {"train": "first", "test": "second"}),
        ({"train": "first/images", "validation": "second/images"}, {"train": "first", "validation": "second"}),
        ({"train": "b/x", "test": "a/y/z", "validation": "c"}, {"train": "b", "test": "a", "validation": "c"}),
        ({"train": "train set/my images", "test": "test set/l'image"}, None),
        ({"train": "train/images", "test": "test"}, None),
        ({"train": "train", "test": "test/images", "validation": "val"}, None),
    ],
)
def test_the_fix_for_folders_around_the_classes_of_parts_keeps_the_parts(
    places: dict[str, str], split: dict[str, str] | None, tmp_path: Path
) -> None:
    stored(tmp_path, *places.values())
    with pytest.raises(UserError, match=r"holds 2 folders of pictures \(fear, joy\)") as caught:
        read_folder(tmp_path, split)
    named = mapped(caught.value.fix)
    assert named == places
    table = read_folder(tmp_path, named)
    assert table.labels == ("fear", "joy")
    for image, part in zip(table.image, table.split.part, strict=True):
        assert Path(image).relative_to(tmp_path.resolve()).as_posix().startswith(places[part])


def test_pictures_left_out_do_not_hide_the_folders_around_the_classes(tmp_path: Path) -> None:
    stored(tmp_path, "train/images", "test/images", "rest")
    with pytest.raises(UserError, match="The only folder in test and in train holds 2 folders") as caught:
        read_folder(tmp_path, {"train": "train", "test": "test"})
    assert mapped(caught.value.fix) == {"train": "train/images", "test": "test/images"}


def test_two_folders_of_one_part_are_never_dropped_from_a_fix(tmp_path: Path) -> None:
    stored(tmp_path / "wrapped", *(f"{part}/images" for part in ("train", "val", "dev")))
    with pytest.raises(UserError, match="The only folder in dev and in train and in val") as caught:
        read_folder(tmp_path / "wrapped")
    assert caught.value.fix == "move the folders of classes out of dev/images, train/images, val/images"
    stored(tmp_path / "beside", "train", "val", "dev", "rest")
    with pytest.raises(UserError, match="stand beside rest") as caught:
        read_folder(tmp_path / "beside")
    assert caught.value.fix == "move the rest elsewhere   or data.split=none   if each folder is a class"


def test_the_only_class_of_a_part_is_no_wrapper(tmp_path: Path) -> None:
    stored(tmp_path, "train")
    for place in ("test/joy/close", "test/joy/wide"):
        (tmp_path / place).mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(tmp_path / place / "a.png")
    assert read_folder(tmp_path).labels == ("fear", "joy")


def test_the_fix_for_a_folder_around_the_classes_keeps_the_lists_of_a_split(tmp_path: Path) -> None:
    for part, name in (("train", "joy"), ("test", "fear")):
        (tmp_path / "download" / name).mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(tmp_path / "download" / name / f"{name}.png")
        (tmp_path / f"{part}.txt").write_text(f"{name}.png\n")
    with pytest.raises(UserError, match="The only folder here holds 2 folders of pictures") as caught:
        read_folder(tmp_path, {"train": "train.txt", "test": "test.txt"})
    path, split = shlex.split(str(caught.value.fix))
    assert path == f"data.path={tmp_path / 'download'}"
    table = read_folder(tmp_path / "download", mapped(shlex.quote(split)))
    assert dict(zip((Path(image).parent.name for image in table.image), table.split.part, strict=True)) == {
        "joy": "train", "fear": "test",
    }  # fmt: skip


def test_folders_of_parts_with_spaces_are_named_in_the_fix(tmp_path: Path) -> None:
    stored(tmp_path, "Trainings daten", "Test daten")
    with pytest.raises(UserError, match="either could be the classes") as caught:
        read_folder(tmp_path)
    assert mapped(caught.value.fix.partition("   or ")[2]) == {"train": "Trainings daten", "test": "Test daten"}


def test_a_class_within_folders_is_no_wrapper(tmp_path: Path) -> None:
    (tmp_path / "download" / "joy").mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(tmp_path / "download" / "joy" / "a.png")
    assert read_folder(tmp_path).labels == ("download",)


def test_folders_that_differ_in_case_are_one_class_and_that_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for place in ("Joy", "joy", "fear"):
        (tmp_path / place).mkdir()
        Image.new("RGB", (8, 8)).save(tmp_path / place / "a.png")
    with caplog.at_level("INFO"):
        assert read_folder(tmp_path).labels == ("fear", "joy")
    assert "labels that differ in case or spaces alone are one: 'Joy' = 'joy'" in caplog.text


def test_links_to_folders_are_followed_without_loops(art: Path, tmp_path: Path) -> None:
    (tmp_path / "joy").symlink_to(art / "img", target_is_directory=True)
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "up").symlink_to(tmp_path, target_is_directory=True)
    assert len(pictures_in(tmp_path)) == COUNT
