import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emotionart.cli.main import main
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("art")
    generator = np.random.default_rng(0)
    for number in range(60):
        Image.fromarray(generator.integers(0, 256, (80, 90, 3), dtype=np.uint8)).save(folder / f"{number}.png")
    (folder / "copy.png").write_bytes((folder / "3.png").read_bytes())
    (folder / "text.jpg").write_bytes(b"these are only words\n")
    Image.fromarray(generator.integers(0, 256, (20, 90, 3), dtype=np.uint8)).save(folder / "strip.png")
    return folder


def rows(count: int = 60) -> list[str]:
    return [f"{number}.png,{('joy', 'Fear ')[number % 2]},artist {number // 2}" for number in range(count)]


def check(folder: Path, lines: list[str], *overrides: str, header: str = "image,label,artist") -> int:
    (folder / "table.csv").write_text("\n".join([header, *lines]) + "\n")
    return main(["data", "check", str(folder / "table.csv"), f"cache={folder / 'cache'}", *overrides])


def test_a_sound_table_is_ready(art: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(art, rows()) == 0
    told = capsys.readouterr().out
    assert "found in the table: data.group=artist" in told
    assert "mistake" not in told
    assert "train " in told
    assert f"ready: python train.py data=table data.path={art}/table.csv labels=as_is data.group=artist" in told


def test_the_only_column_that_is_called_like_labels_is_found(art: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(art, rows(), header="image,Émotion,artist") == 0
    told = capsys.readouterr().out
    assert 'found in the table: data.label="Émotion" data.group=artist' in told
    found = shlex.split(told.partition("ready: python train.py ")[2])
    assert 'data.label="Émotion"' in found
    assert check(art, rows(), *found[2:], header="image,Émotion,artist") == 0, "as the command for training reads it"
    votes = [f"{number}.png,joy,{number % 2},{1 - number % 2}" for number in range(60)]
    assert check(art, votes, header="image,emotion,votes:joy,votes:fear") == 0
    assert "found in the table: data.votes=votes:*\n" in capsys.readouterr().out


def test_pictures_that_show_nothing_and_files_of_several_pages_are_told(
    art: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGBA", (80, 80)).save(art / "clear.png")
    pages = [Image.open(art / f"{number}.png").convert("RGB") for number in range(3)]
    pages[0].save(art / "pages.tif", save_all=True, append_images=pages[1:])
    whole = (art / "pages.tif").read_bytes()
    (art / "damaged.tif").write_bytes(whole[: len(whole) // 2])  # within the second page
    assert check(art, [*rows(), "clear.png,joy,Ann", "pages.tif,joy,Ann", "damaged.tif,joy,Ann"]) == 0
    told = capsys.readouterr().out
    assert "warning: 2 files have several pages, of which the first is used: rows 63-64" in told
    assert "warning: 1 pictures show an even surface, nothing else: row 62" in told


def test_everything_that_is_wrong_is_told_at_once_with_its_row(art: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [*rows(), "away.png,joy,Ann", "text.jpg,joy,Ann", "0.png,fear,artist 0", "strip.png,,", "copy.png,joy,Bob"]
    assert check(art, [*lines, "1.png,Fear,,,,more"], "labels=emotions") == 1
    told = capsys.readouterr()
    for expected in (
        "1 of 64 pictures are not there.",
        "row 62: ",
        "1 pictures have rows with different labels.",
        "rows 2 and 64",
        "1 of 64 pictures cannot be used.",
        "row 63: text.jpg (not a picture but a text file)",
        "warning: 1 artworks have no label and are left out: row 65",
        "warning: 1 groups of pictures have the same bytes: rows 5 and 66",
        "warning: 1 groups of pictures have the same bytes, and differ in their labels: rows 5 and 66",
        "warning: 1 pictures are less than 64 pixels wide or high: row 65",
        "warning: 1 artworks have no group (artist)",
        "warning: classes of fewer than 20 artworks: neutral 0, stirred 0",
    ):
        assert expected in told.out
    assert "3 mistakes: training on this table would fail." in told.err
    assert "Traceback" not in told.out + told.err


@pytest.mark.parametrize(
    ("header", "lines", "overrides", "expected"),
    [
        ("picture,emotions,artist", rows(), [], ["no column 'image'", "did you mean: picture", "no column 'label'"]),
        ("image,emotion,feeling", rows(), [], ["no column 'label'", "fix: data.label=emotion"]),
        ("image,label,artist", [f"art/{row}" for row in rows()], [], ["60 of 60 pictures", "Paths are relative to "]),
        (
            "image,label,artist",
            [row.replace("joy", "Freude") for row in rows()],
            ["labels=emotions"],
            ["1 label belongs to no class: 'freude' (30)", "labels=as_is"],
        ),
        ("image,label,artist", rows(3), [], ["split is empty: 3 artworks in 2 groups", "another data.split_seed"]),
        ("image,label,artist", [row.replace("Fear ", "joy") for row in rows()], [], ["in one class, 'joy'"]),
        ("image,label,artist", rows(), ["data.label=null"], ["No labelled artwork is left."]),
        ("image,votes:joy,artist", [f"{n}.png,{n - 1},A" for n in range(60)], [], ["Votes must be numbers", "row 2"]),
    ],
)
def test_tables_that_are_wrong_in_one_way(
    header: str, lines: list[str], overrides: list[str], expected: list[str], art: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert check(art, lines, *overrides, header=header) == 1
    told = capsys.readouterr().out
    for text in expected:
        assert text in told


def test_nothing_is_said_of_copies_where_no_picture_is_found(art: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(art, [f"art/{row}" for row in rows()]) == 1
    assert "is a copy of another" not in capsys.readouterr().out
    assert check(art, rows()) == 0
    assert "no picture is a copy of another" in capsys.readouterr().out


def test_labels_in_another_case_are_no_mistake(art: Path) -> None:
    assert check(art, [row.replace("joy", "JOY") for row in rows()], "labels=as_is") == 0


def test_a_list_of_artists_is_told(art: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [row.replace("artist 3", "artist 1; artist 2") for row in rows()]
    assert check(art, lines) == 0
    told = capsys.readouterr().out
    assert "1 names list several artists" in told
    assert "belongs to both: 'artist 1; artist 2'" in told


def test_labels_that_are_nearly_equal_or_none_are_told_with_a_way_out(
    art: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("happiness", "happyness", "None", "fear", "N/A", "fear")
    lines = [f"{number}.png,{names[number % 6]},artist {number // 2}" for number in range(60)]
    assert check(art, lines) == 0
    told = capsys.readouterr().out
    assert "1 pairs of labels have nearly equal names, and are taken as different: 'happiness' and 'happyness'" in told
    assert "'n/a' (10), 'none' (10) are taken for labels like any other; to leave such works out: " in told
    way_out = shlex.split(told.partition("to leave such works out: ")[2].partition("\n")[0])
    assert check(art, lines, *way_out) == 0
    told = capsys.readouterr().out
    assert "'none'" not in told
    assert "'n/a'" not in told


@pytest.mark.parametrize(("after", "few"), [("", True), (" - x", False)])
def test_the_steps_of_a_scale_are_told(art: Path, capsys: pytest.CaptureFixture[str], after: str, few: bool) -> None:
    lines = [f"{number}.png,{number % 5 + 1}{after},artist {number // 2}" for number in range(60)]
    assert check(art, lines) == 0
    told = capsys.readouterr().out
    assert "the labels are numbers from 1 to 5, and classes without an order" in told
    assert ("labels=quantiles" in told) == few
    assert check(art, lines, "labels.ordered=true") == 0
    assert "without an order" not in capsys.readouterr().out


def test_labels_in_words_are_put_in_order_or_need_one(art: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def lines(*names: str) -> list[str]:
        return [f"{number}.png,{names[number % len(names)]},artist {number // 2}" for number in range(60)]

    assert check(art, lines("sehr traurig", "traurig", "glücklich", "weiß nicht")) == 0
    told = capsys.readouterr()
    assert "(sehr traurig < traurig < glücklich)" in told.out
    assert "data.label_separator" not in told.err
    way_out = shlex.split(told.out.partition("to leave such works out: ")[2].partition("\n")[0])
    assert check(art, lines("sehr traurig", "traurig", "glücklich", "weiß nicht"), *way_out) == 0
    assert "weiß" not in capsys.readouterr().out.partition("ready")[0]

    assert check(art, lines("low", "high", "medium", "don't know")) == 0
    told = capsys.readouterr().out
    assert "steps of a scale (low < medium < high), and are classes without an order" in told
    assert '"don\'t know" (15) is taken for a label like any other' in told
    way_out = shlex.split(told.partition("to leave such works out: ")[2].partition("\n")[0])
    assert check(art, lines("low", "high", "medium", "don't know"), "labels.ordered=true", *way_out) == 0
    told = capsys.readouterr().out
    assert "don't know" not in told
    assert re.search(r": low \d+, medium \d+, high \d+;", told)

    assert check(art, lines("calm", "so so", "wild"), "labels.ordered=true") == 1
    told = capsys.readouterr().out
    assert "These labels have no order of their own: 'calm', 'so so', 'wild'." in told
    fix = shlex.split(told.partition("fix: ")[2].partition("   ")[0])
    assert fix[0] == "labels.classes={calm: [calm], so so: [so so], wild: [wild]}"
    assert check(art, lines("calm", "so so", "wild"), "labels.classes={so so: [so so], calm: [calm], wild: [wild]}",
                 fix[1]) == 0  # fmt: skip
    assert re.search(r": so so \d+, calm \d+, wild \d+;", capsys.readouterr().out)


def test_votes_for_no_label_are_left_out_by_naming_the_other_columns(
    art: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [f"{number}.png,{number % 3},{number % 2},1" for number in range(60)]
    header = "image,joy,fear,skip"
    assert check(art, lines, "data.votes=[joy,fear,skip]", header=header) == 0
    told = capsys.readouterr().out
    assert "'skip' (60) is taken for a label like any other; to leave such works out: 'data.votes=[joy,fear]'" in told


def test_what_a_given_split_leaves_out_is_counted(art: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for part, numbers in (("train", range(40)), ("test", range(40, 50))):
        (art / f"{part}.txt").write_text("\n".join(f"{number}.png" for number in numbers))
    assert check(art, rows(), "data.split={train: train.txt, test: test.txt}", "data.group=null") == 0
    assert "warning: 10 artworks are in no part of the given split and are left out" in capsys.readouterr().out


def test_folds_are_those_that_a_run_makes_of_what_a_given_split_does_not_test(
    art: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [f"{row},{'test' if number < 20 else 'train'}" for number, row in enumerate(rows())]
    asked = ["data.split=split", "data.folds=4", "data.fold=0", "data.group=null"]
    assert check(art, lines, *asked, header="image,label,artist,split") == 0
    told = capsys.readouterr().out
    assert "test           10 artworks (25.0%)" in told
    assert "the data's own" not in told
    assert check(art, [f"{row},test" for row in rows()], *asked, header="image,label,artist,split") == 1
    assert "which is nothing: column 'split'" in capsys.readouterr().out


def test_too_few_artists_are_told_for_a_smaller_training_set_too(art: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"{number}.png,{('joy', 'fear')[number % 2]},artist {int(number >= 20)}" for number in range(60)]
    assert check(art, lines, "data.train_count=12") == 1
    assert "The validation split is empty: 60 artworks in 2 groups are too few" in capsys.readouterr().out


def test_a_smaller_training_set_is_not_told_to_be_off(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert check(art, rows(), "data.train_count=12", "data.group=null") == 0
    assert "may come closer" not in caplog.text


def test_a_wrong_override_is_told_as_in_training(art: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(art, rows(), "data.lable=label") == 2
    assert "did you mean: data.label" in capsys.readouterr().err
    assert check(art, rows(), "data.rows=voices") == 2
    assert "data.rows is one of artworks, votes" in capsys.readouterr().err
    assert main(["data", "check", str(art / "tabel.csv")]) == 2
    assert "There is no such table." in capsys.readouterr().err


def test_only_portraits_are_checked_where_they_are_asked_for(art: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"{row},{'portrait' if number < 40 else ''}" for number, row in enumerate(rows())]
    header = "image,label,artist,tags"
    assert check(art, lines, "data.only=portraits", header=header) == 0
    counts = [int(line.split()[1]) for line in capsys.readouterr().out.splitlines() if "artworks (" in line]
    assert sum(counts) == 40
    assert check(art, rows(), "data.only=portraits") == 1
    assert "No artwork is called a portrait" in capsys.readouterr().out


def test_a_folder_without_classes_is_checked(art: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "check", str(art), f"cache={art / 'cache'}", "data.on_bad=skip"]) == 1
    told = capsys.readouterr()
    assert "No labelled artwork is left" in told.out
    assert "data.group" not in told.out


def test_a_folder_is_checked(art: Path, tmp_path: Path) -> None:
    for number in range(60):
        path = tmp_path / "pictures" / ("joy", "fear")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((art / f"{number}.png").read_bytes())
    assert main(["data", "check", str(tmp_path / "pictures"), f"cache={tmp_path / 'cache'}"]) == 0


@pytest.mark.parametrize("before", [[], ["elsewhere"]])
def test_a_path_among_the_overrides_is_the_table(
    art: Path, before: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (art / "by hand.csv").write_text("\n".join(["image,label,artist", *rows()]) + "\n")
    path = f'data.path="{art}/by hand.csv"'
    assert main(["data", "check", *before, path, f"cache={art / 'cache'}"]) == 0
    (ready,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("ready: "))
    words = shlex.split(ready)
    assert words[3:] == ["data=table", "labels=as_is", "data.group=artist", path, f"cache={art / 'cache'}"]
    assert main(["data", "check", "labels=emotions"]) == 2
    assert "No table or folder is named." in capsys.readouterr().err


def test_links_that_lead_outside_are_told(art: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (art / "0.png").rename(tmp_path / "elsewhere.png")
    (art / "0.png").symlink_to(tmp_path / "elsewhere.png")
    (art / "inside.png").symlink_to(art / "5.png")
    assert check(art, [*rows(), "inside.png,joy,artist 2"]) == 0
    told = capsys.readouterr().out
    assert "1 pictures are links to files outside the data's folder: 0.png → " in told


def test_a_table_is_checked_without_waiting_for_lightning(tmp_path: Path) -> None:
    for number in range(40):
        picture = np.random.default_rng(number).integers(0, 256, (8, 8, 3), dtype=np.uint8)
        (tmp_path / "art" / ("joy", "fear")[number % 2]).mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(tmp_path / "art" / ("joy", "fear")[number % 2] / f"{number}.png")
    asked = ["data", "check", str(tmp_path / "art"), f"cache={tmp_path / 'cache'}"]
    code = f"import sys; from emotionart.cli.main import main; assert main({asked!r}) == 0; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "ready: python train.py" in done.stdout
    assert not {"pytorch_lightning", "torchvision", "wandb"} & {*done.stdout.split()}
