import csv
import io
import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emotionart.data.tables.cells import write_cells
from emotionart.data.tables.layouts.folder import read_folder
from emotionart.data.tables.layouts.reading import read_table
from emotionart.data.tables.votes import fold
from emotionart.errors import UserError, UserErrors
from tests.data.tables.cases import few_pictures
from tests.data.tables.cases import write_text as write


@pytest.fixture
def art(tmp_path: Path) -> Path:
    return few_pictures(tmp_path)


def histogram(table) -> dict[str, dict[str, float]]:
    rows = zip(table.image, table.votes, strict=True)
    return {Path(image).name: dict(zip(table.labels, votes.tolist(), strict=True)) for image, votes in rows}


@pytest.mark.parametrize(
    ("name", "separator"), [("t.csv", ","), ("t.tsv", "\t"), ("semicolons.csv", ";"), ("tabs.csv", "\t")]
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_label_column_is_read_whatever_the_separator(art: Path, name: str, separator: str, ending: str) -> None:
    lines = ["image|label|artist|tags", 'a.png| Joy |Ann|"Portrait; Oil"', "d e.png|FEAR||", "b.png||Ann|"]
    path = write(art, ending.join(line.replace("|", separator) for line in lines) + ending, name)
    table = read_table(path, group="artist", tags="tags")
    assert table.labels == ("fear", "joy")
    assert table.votes.tolist() == [[0, 1], [1, 0], [0, 0]]
    assert table.group.tolist() == ["Ann", "", "Ann"]
    assert table.tags == (frozenset({"portrait", "oil"}), frozenset(), frozenset())
    assert table.image[0] == str(art / "a.png")
    assert table.id is None


def test_parquet_is_read_as_text(art: Path) -> None:
    frame = pd.DataFrame({"image": ["a.png", "b.png", "c.png"], "label": ["NA", None, "1850"], "id": [1, 2, 3]})
    frame["year"] = pd.array([1850, None, 1900], dtype="Int64")
    frame.to_parquet(art / "t.parquet")
    table = read_table(art / "t.parquet", id="id", group="year")
    assert table.group.tolist() == ["1850", "", "1900"]
    assert table.labels == ("1850", "na")
    assert table.votes.tolist() == [[0, 1], [0, 0], [1, 0]]
    assert table.id is not None
    assert table.id.tolist() == ["1", "2", "3"]


def test_only_an_empty_cell_is_missing(art: Path) -> None:
    table = read_table(write(art, "image,label\na.png,NA\nb.png,null\nc.png,None\nd e.png,\n"))
    assert table.labels == ("na", "none", "null")
    assert table.votes.sum(axis=1).tolist() == [1, 1, 1, 0]


def test_rows_can_be_votes(art: Path) -> None:
    path = write(art, "image,label\na.png,joy\nb.png,fear\na.png,fear\na.png,Joy\n")
    table = read_table(path, rows="votes")
    assert histogram(table) == {"a.png": {"fear": 1, "joy": 2}, "b.png": {"fear": 1, "joy": 0}}


def test_rows_that_disagree_are_named_with_the_way_out(art: Path) -> None:
    path = write(art, "image,label\na.png,joy\n,lost\nb.png,fear\na.png,fear\n")
    with pytest.raises(UserError, match="1 pictures have rows with different labels") as caught:
        read_table(path)
    assert "rows 2 and 5" in str(caught.value)
    assert "data.rows=votes" in str(caught.value)
    path = write(art, "image,label\n" + "a.png,joy\na.png,fear\n" * 3)
    with pytest.raises(UserError) as caught:
        read_table(path)
    assert caught.value.where == f"{path}: rows 2 and 3 and 4 and 3 more"


def test_rows_that_agree_count_once(art: Path) -> None:
    table = read_table(write(art, "image,label\na.png,joy\na.png,joy\n"))
    assert table.votes.tolist() == [[1]]


def test_columns_can_hold_votes(art: Path) -> None:
    path = write(art, "image,Sad,joy\na.png,3,2\nb.png,,0.5\n")
    assert histogram(read_table(path, votes=["Sad", "joy"])) == {
        "a.png": {"joy": 2, "sad": 3}, "b.png": {"joy": 0.5, "sad": 0},
    }  # fmt: skip


@pytest.mark.parametrize("cell", ["many", "-1", "inf", "nan"])
def test_votes_that_are_no_counts_are_named_by_row(art: Path, cell: str) -> None:
    path = write(art, f"image,sad,joy\na.png,1,2\n,,\nb.png,1,{cell}\n")
    with pytest.raises(UserError, match="column 'joy' has others") as caught:
        read_table(path, votes=["sad", "joy"])
    assert "row 4" in str(caught.value)


def test_a_column_of_artists_that_is_not_used_is_told(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = "image,label,Artist name\na.png,joy,Ann\nb.png,fear,Ann\nc.png,joy,Bob\n"
    read_table(write(art, rows), group="Artist name")
    read_table(write(art, rows.replace("b.png,fear,Ann", "b.png,fear,Eve")))
    assert "is not used" not in caplog.text
    read_table(write(art, rows))
    assert "column 'Artist name' is not used" in caplog.text
    assert """'data.group="Artist name"'""" in caplog.text


def test_rows_without_a_picture_are_told(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    table = read_table(write(art, "image,label\na.png,joy\n,fear\n , fear\nb.png,fear\n"))
    assert len(table) == 2
    assert "2 rows name no picture and are left out: rows 3-4" in caplog.text


def test_a_cell_that_is_too_long_for_a_path_is_a_missing_picture(art: Path) -> None:
    with pytest.raises(UserError, match="1 of 2 pictures are not there"):
        read_table(write(art, f"image,label\na.png,joy\n{'x' * 5000},joy\n"))


def test_a_missing_table_names_its_neighbours(art: Path) -> None:
    write(art, "image,label\n", "labels.csv")
    with pytest.raises(UserError, match="There is no such table") as caught:
        read_table(art / "lables.csv")
    assert str(art / "labels.csv") in caught.value.suggestions


def test_missing_columns_are_all_named_with_the_nearest(art: Path) -> None:
    path = write(art, "img,emotions,artist\na.png,joy,Ann\n")
    with pytest.raises(UserErrors) as caught:
        read_table(path, image="image", label="emotion", group="artst")
    text = str(caught.value)
    assert "no column 'image'" in text
    assert "data.label=emotions" in text
    assert "data.group=artist" in text


def test_pictures_that_are_not_there_are_counted_and_the_base_is_named(art: Path) -> None:
    with pytest.raises(UserError, match="1 of 2 pictures are not there") as caught:
        read_table(write(art, "image,label\na.png,joy\nz.png,joy\n"))
    assert "z.png" in str(caught.value)
    with pytest.raises(UserError, match=rf"2 of 2 pictures are not there. Paths are relative to {art}"):
        read_table(write(art, "image,label\nx/a.png,joy\nx/b.png,joy\n"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "This table is empty"),
        ("image,label\n", "names no picture"),
        ("image,label\n,joy\n", "names no picture"),
        ("image,label\na.png,\n", "Column 'label' is empty"),
        ("image,label,label\na.png,joy,joy\n", "Two columns have the name 'label'"),
    ],
)
def test_a_table_without_content_says_what_is_missing(art: Path, text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_table(write(art, text))


def test_groups_that_differ_between_rows_of_a_picture_are_named(art: Path) -> None:
    path = write(art, "image,label,artist\na.png,joy,Ann\nb.png,joy,Bob\na.png,joy,Bob\n")
    with pytest.raises(UserError, match="1 pictures have rows with different values in column 'artist'") as caught:
        read_table(path, group="artist")
    assert "rows 2 and 4" in str(caught.value)


@pytest.mark.parametrize("ids", [("x", "x"), ("x", "")])
def test_ids_must_be_different_and_there(art: Path, ids: tuple[str, str]) -> None:
    path = write(art, f"image,label,name\na.png,joy,{ids[0]}\nb.png,joy,{ids[1]}\n")
    with pytest.raises(UserError, match="column 'name' repeats some"):
        read_table(path, id="name")


TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(rows=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=4))
def test_any_text_is_read_as_the_csv_module_wrote_it(art: Path, rows: list[tuple[str, str]]) -> None:
    names = ["a.png", "b.png", "c.png", "d e.png"]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["image", "label", "artist"])
    writer.writerows((name, *row) for name, row in zip(names, rows, strict=False))
    if not any(label.strip() for label, _ in rows):
        return
    table = read_table(write(art, text.getvalue()), group="artist")
    assert table.group.tolist() == [artist.strip() for _, artist in rows]
    found = [[table.labels[place] for place in np.flatnonzero(votes)] for votes in table.votes]
    assert found == [[fold(label)] if label.strip() else [] for label, _ in rows]


def test_a_folder_has_a_class_for_each_of_its_folders(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in (
        "Joy/1.jpg",
        "joy/deep/2.PNG",
        "fear/3.webp",
        "4.jpg",
        "fear/notes.txt",
        ".hidden/5.jpg",
        "fear/.6.jpg",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    with caplog.at_level(logging.INFO):
        table = read_folder(tmp_path)
    assert histogram(table) == {
        "1.jpg": {"fear": 0, "joy": 1},
        "2.PNG": {"fear": 0, "joy": 1},
        "3.webp": {"fear": 1, "joy": 0},
        "4.jpg": {"fear": 0, "joy": 0},
    }
    assert "1 files" in caplog.text


def test_a_folder_that_is_missing_or_has_no_picture_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no picture in this folder"):
        read_folder(tmp_path)
    (tmp_path / "pictures").mkdir()
    with pytest.raises(UserError, match="There is no such folder") as caught:
        read_folder(tmp_path / "picturs")
    assert caught.value.suggestions == (str(tmp_path / "pictures"),)


def test_a_pattern_finds_the_columns_of_votes(art: Path) -> None:
    path = write(art, "image,votes:Joy,votes: sad,artist\na.png,3,,Ann\nb.png,1,2,Bob\n")
    table = read_table(path, votes="votes:*")
    assert table.labels == ("joy", "sad")
    assert table.votes.tolist() == [[3, 0], [1, 2]]
    with pytest.raises(UserError, match="no column like 'vote_") as caught:
        read_table(path, votes="vote_*")
    assert "votes:Joy" in caught.value.suggestions
    with pytest.raises(UserError, match="a pattern with one star") as caught:
        read_table(path, votes="votes:Joy")
    assert caught.value.fix == "data.votes=[votes:Joy]"


def test_everything_that_is_wrong_with_a_table_is_told_at_once(art: Path) -> None:
    path = write(art, "image,label,artist\na.png,joy,Ann\na.png,fear,Bob\nz.png,joy,\nb.png,joy,\n")
    with pytest.raises(UserErrors) as caught:
        read_table(path, group="artist", id="artist")
    text = str(caught.value)
    assert "1 of 3 pictures are not there" in text
    assert "row 4: " in text
    assert "1 pictures have rows with different labels" in text
    assert "different values in column 'artist'" in text
    assert "column 'artist' repeats some" in text


NUMBERS = st.integers(0, 99)
NAMES = st.lists(TEXT.map(fold).filter(lambda name: name and "*" not in name), min_size=1, max_size=4, unique=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data(), labels=NAMES, ending=st.sampled_from(["csv", "tsv", "parquet"]))
def test_votes_come_back_as_they_were_written(art: Path, data: st.DataObject, labels: list[str], ending: str) -> None:
    names = ["a.png", "b.png", "c.png"]
    counts = data.draw(st.lists(st.lists(NUMBERS, min_size=len(labels), max_size=len(labels)), min_size=3, max_size=3))
    frame = pd.DataFrame(counts, columns=[f"votes:{label}" for label in labels])
    frame.insert(0, "image", names)
    write_cells(frame, art / f"t.{ending}")
    table = read_table(art / f"t.{ending}", votes="votes:*")
    assert histogram(table) == {
        name: dict(zip(labels, map(float, row), strict=True)) for name, row in zip(names, counts, strict=True)
    }
