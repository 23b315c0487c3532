"""Tables whose first lines do not name the columns, in the ways of surveys, spreadsheets and statistics programs."""

import logging
import os
import subprocess
from pathlib import Path

import pytest

from emotionart.data.tables.layouts.reading import read_table
from emotionart.errors import UserError
from tests.data.tables.cases import COUNT, NAMES, ROWS, plain, write, write_text


def lines(separator: str = ",", form: str = "{}") -> str:
    return "".join(f"{separator.join(form.format(cell) for cell in row)}\n" for row in [("image", "label"), *ROWS])


@pytest.mark.parametrize(
    ("before", "separator", "first"),
    [
        ("IAPS, all subjects\n\nin three sets\n", "\t", 4),
        ("My study 2021\n", ";", 2),
        ("A title,\n,\n", ",", None),
    ],
)
def test_lines_before_a_table_are_told_with_the_command_that_takes_them_off(
    art: Path, before: str, separator: str, first: int | None
) -> None:
    path = write_text(art, before + lines(separator), "titled.csv")
    with pytest.raises(UserError) as caught:
        read_table(path)
    if first is not None:
        assert "The first line does not name the columns" in str(caught.value)
        assert str(caught.value.fix).startswith(f"tail -n +{first} ")
        write_text(art, "".join(path.read_text().splitlines(keepends=True)[first - 1 :]), "untitled.csv")
        assert plain(read_table(art / "untitled.csv", separator=separator))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("".join(f'"{line}"\n' for line in lines().splitlines()), "Each line stands in quotes as a whole"),
        (lines(form="'{}'"), "The fields stand in '…'"),
        (lines(form="“{}”"), "The fields stand in “…”"),
        ("".join(f"{a:<14} {b}\n" for a, b in [("image", "label"), *ROWS]), "separated by several spaces"),
        ('<?xml version="1.0"?>\n<rows/>', "This is XML"),
        ("Id,Feelings about img/000.jpg\n1,Joy\n2,Calm\n", "Each picture has a column of its own"),
        ("Id,How is [img/000.jpg]?,How is [img/001.jpg]?\n1,Joy,\n", "Each picture has a column of its own"),
        ("img/000.jpg,joy\nimg/001.jpg,calm\n", "The first line looks like data"),
    ],
)
def test_what_is_no_table_is_told(art: Path, text: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        read_table(write_text(art, text, "other.csv"))


@pytest.mark.parametrize("form", ["'{}'", "“{}”", '"{}'])
def test_the_command_against_odd_quotes_makes_a_table(art: Path, form: str) -> None:
    whole = "".join(f'"{line}"\n' for line in lines().splitlines())
    path = write_text(art, whole if form == '"{}' else lines(form=form), "quoted.csv")
    with pytest.raises(UserError) as caught:
        read_table(path)
    subprocess.run(str(caught.value.fix), shell=True, check=True, env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]})
    assert plain(read_table(art / "quoted-table.csv"))


def test_empty_lines_repeated_names_and_ends_of_files_are_passed_over(
    art: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert plain(read_table(write_text(art, f"\n \n{lines()}", "late.csv")))
    assert plain(read_table(write_text(art, f"{lines()}image,label\n\x1a", "joined.csv")))
    assert f"line {COUNT + 2} repeats the names of the columns" in caplog.text


def test_the_lines_in_which_qualtrics_describes_its_columns_are_left_out(art: Path) -> None:
    rows = [("Which picture?", "Which emotion?"), ('{"ImportId":"QID1"}', '{"ImportId":"QID2"}'), *ROWS]
    assert plain(read_table(write(art / "survey.csv", ["Q1", "Q2"], rows), image="Q1", label="Q2"))


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ('<img src="{}">', "The cells hold more than the name of one picture; img/000.jpg alone is there"),
        ("{}; img/001.jpg", "The cells hold more than the name of one picture"),
        ("{}.png", ""),
    ],
)
def test_cells_around_names_are_told(art: Path, cell: str, told: str) -> None:
    path = write(art / "around.csv", ["image", "label"], [(cell.format(name), label) for name, label in ROWS])
    with pytest.raises(UserError, match="60 of 60 pictures are not there") as caught:
        read_table(path)
    assert told in str(caught.value)


def test_names_that_a_spreadsheet_changed_and_other_endings_are_told(art: Path) -> None:
    path = write(art / "changed.csv", ["image", "label"], [(f"{i}.00E+05", "joy") for i in range(1, 9)])
    with pytest.raises(UserError, match="may be what a spreadsheet program made"):
        read_table(path, extension=".jpg")
    other = write(art / "png.csv", ["image", "label"], [(name.replace("jpg", "png"), label) for name, label in ROWS])
    with pytest.raises(UserError, match=r"Pictures of these names are there, but end in \.jpg"):
        read_table(other)


def test_spellings_of_one_file_are_one_artwork(art: Path) -> None:
    path = write(
        art / "spelt.csv", ["image", "label"], [row for n in NAMES for row in ((n, "joy"), (f"./{n}", "calm"))]
    )
    with pytest.raises(UserError, match="60 pictures have rows with different labels"):
        read_table(path)
    table = read_table(path, rows="votes")
    assert len(table) == COUNT
    assert table.votes.tolist() == [[1, 1]] * COUNT


def test_columns_of_pictures_and_the_columns_of_answers_are_told(art: Path) -> None:
    columns = write(
        art / "classes.csv", ["joy", "calm"], list(zip(NAMES[:30], [*NAMES[30:50], *[""] * 10], strict=True))
    )
    with pytest.raises(UserError, match="Every column names pictures") as caught:
        read_table(columns)
    assert "melt" in str(caught.value.fix)
    answers = [(name, label, "", "W1") for name, label in ROWS]
    path = write(art / "hits.csv", ["image", "Answer.emotion.label", "Answer.note", "WorkerId"], answers)
    with pytest.raises(UserError) as caught:
        read_table(path)
    assert caught.value.fix == "data.label=Answer.emotion.label"


def test_a_measure_is_suggested_for_quantiles_and_not_as_votes(art: Path) -> None:
    rows = [(name, 1.2, number / 9, number / 7) for number, name in enumerate(NAMES)]
    path = write(art / "measures.csv", ["image", "valence_sd", "valence_mean", "arousal_mean"], rows)
    with pytest.raises(UserError, match="no column 'label'") as caught:
        read_table(path)
    assert str(caught.value.fix).startswith("data.label=valence_mean labels=quantiles")


@pytest.mark.parametrize("artist", ["Rubens, Peter", "Rubens; Brueghel, Jan", "Rubens,\nPeter; and\tothers"])
def test_separators_within_quotes_in_every_row_are_no_other_table(art: Path, artist: str) -> None:
    rows = [(*row, f"{artist} {number % 20}", "oil;portrait") for number, row in enumerate(ROWS)]
    table = read_table(write(art / "names.csv", ["image", "label", "artist", "tags"], rows), group="artist")
    assert plain(table)
    assert len(set(table.group)) == 20


def test_a_tab_is_given_as_it_is_spelled_and_several_characters_are_no_separator(art: Path) -> None:
    path = write_text(art, lines("\t"), "tabs.txt")
    assert plain(read_table(path, separator=r"\t"))
    for several in ("||", "tab"):
        with pytest.raises(UserError, match="Fields are separated by one character") as caught:
            read_table(path, separator=several)
        assert r"""'data.separator="\t"'""" in str(caught.value.fix)


def test_lines_without_quotes_are_not_told_to_stand_in_them_for_another_separator(art: Path) -> None:
    with pytest.raises(UserError, match="The table has no column 'image'"):
        read_table(write_text(art, lines(","), "commas.csv"), separator=";")


def test_names_of_columns_in_two_lines_are_told(art: Path) -> None:
    rows = [("", "joy", "calm"), *[(name, i % 3, "1,5") for i, name in enumerate(NAMES)]]
    with pytest.raises(UserError, match="stand in two lines: calm"):
        read_table(write(art / "two.csv", ["image", "emotion", ""], rows), label="emotion")
    rows = [(name, label, "a note") for name, label in ROWS]
    assert plain(read_table(write(art / "notes.csv", ["image", "label", ""], rows)))
