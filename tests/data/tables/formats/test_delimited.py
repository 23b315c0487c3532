"""Text tables that are laid out in another way."""

import subprocess
from pathlib import Path

import pytest

from emotionart.data.tables.cells import read_cells, read_header
from emotionart.errors import UserError
from tests.data.tables.cases import write_text


def test_a_column_for_each_picture_is_told_with_the_way_to_turn_it(tmp_path: Path) -> None:
    form = write_text(tmp_path, "Timestamp,a.jpg,b.jpg,c.jpg,d.jpg\n9:00,joy,joy,fear,fear\n9:05,joy,fear,fear,joy\n")
    with pytest.raises(
        UserError, match=r"Each picture has a column of its own \(a\.jpg, b\.jpg, c\.jpg and 1 more\)"
    ) as caught:
        read_cells(form)
    assert "docs/other-layouts.md" in str(caught.value.fix)


def test_two_columns_of_one_name_are_told_with_a_fix(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Two columns have the name 'label'") as caught:
        read_cells(write_text(tmp_path, "image,label,label\na.png,joy,fear\n"))
    assert caught.value.fix == "rename one of them"


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("image;label, by curator;x", "a.png;joy;"),
        ("image\tlabel\tcomments (a, b, c, d)", "a.png\tjoy\tgood"),
        ('"image";"label";"What, in your opinion, is, the reason?"', '"a.png";"joy";"x, y"'),
        ("image,label,a;b;c;d", "a.png,joy,1"),
    ],
)
def test_separators_within_names_of_columns_separate_nothing(tmp_path: Path, header: str, row: str) -> None:
    path = write_text(tmp_path, f"{header}\n{row}\n{row}\n")
    frame = read_cells(path)
    assert frame.iloc[0, :2].tolist() == ["a.png", "joy"]
    assert read_header(path) == frame.columns.tolist()
    assert len(frame.columns) == 3


def test_quotes_after_a_space_are_quotes(tmp_path: Path) -> None:
    frame = read_cells(write_text(tmp_path, 'image, label, "title"\na.png, "joy", "A kiss, 1890"\n'))
    assert frame.iloc[0].to_dict() == {"image": "a.png", "label": "joy", "title": "A kiss, 1890"}


def test_marks_of_byte_order_count_for_nothing_in_joined_files(tmp_path: Path) -> None:
    text = "\ufeff\ufeffimage,label\na.png,joy\n\ufeffimage,label\nb.png,calm\n\ufeffc.png,a\ufeff\n"
    frame = read_cells(write_text(tmp_path, text))
    assert frame["image"].tolist() == ["a.png", "b.png", "c.png"]
    assert frame["label"].tolist() == ["joy", "calm", "a\ufeff"]


def test_names_of_columns_may_have_lines(tmp_path: Path) -> None:
    assert read_header(write_text(tmp_path, '"picture\nname",label\na.png,joy\n')) == ["picture\nname", "label"]


def test_cells_may_be_longer_than_the_csv_module_allows(tmp_path: Path) -> None:
    frame = read_cells(write_text(tmp_path, f"image,label,pixels\na.png,joy,{'QUJD' * 40_000}\n"))
    assert len(frame["pixels"].iloc[0]) == 160_000


def test_a_first_column_without_name_as_r_writes_it_is_told_with_the_command_that_names_it(tmp_path: Path) -> None:
    path = write_text(tmp_path, '"image" "label"\n"1" "a.png" "joy"\n"2" "b.png" "calm"\n'.replace(" ", "\t"))
    with pytest.raises(UserError, match="do not have 2 fields, as are named, but 3") as caught:
        read_cells(path)
    command = str(caught.value.fix).partition("   or ")[2].partition("   if ")[0]
    subprocess.run(command, shell=True, check=True)
    frame = read_cells(tmp_path / "labels-table.csv")
    assert frame.columns.tolist() == ["row", "image", "label"]
    assert frame["label"].tolist() == ["joy", "calm"]


def test_quotes_after_a_backslash_are_told_with_the_command_that_doubles_them(tmp_path: Path) -> None:
    path = write_text(tmp_path, 'image,label,title\na.png,joy,"The \\"Kiss\\", 1908"\nb.png,joy,none\n')
    with pytest.raises(UserError, match="Quotes within cells are written as") as caught:
        read_cells(path)
    subprocess.run(str(caught.value.fix), shell=True, check=True)
    assert read_cells(tmp_path / "labels-table.csv")["title"].iloc[0] == 'The "Kiss", 1908'
    many = write_text(tmp_path, 'image,label\n"C:\\","joy"\na.png,joy,or,not\n')
    assert read_cells(many)["image"].tolist() == ["C:\\"]
