"""Workbooks whose first sheet is not the table, and whose cells span rows or are hidden."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from emotionart.data.tables.layouts.reading import read_table
from emotionart.errors import UserError
from tests.data.tables.cases import ROWS, label, plain

openpyxl = pytest.importorskip("openpyxl")

TABLE = [("image", "label"), *ROWS]


def book(path: Path, change: Callable[[Any], None] = lambda _: None, **sheets: Sequence[Sequence[object]]) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    change(workbook)
    workbook.save(path)
    return path


def test_the_first_visible_sheet_with_a_table_is_read(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    def hide(workbook: Any) -> None:
        workbook["Old"].sheet_state = "hidden"
        workbook["Data"].row_dimensions[3].hidden = True

    path = book(art / "sheets.xlsx", hide, Old=TABLE[:9], About=[["This workbook …"]], Data=TABLE)
    assert plain(read_table(path))
    assert "only 'Data' is read" in caplog.text
    assert "1 hidden rows of sheet 'Data' are read like all others" in caplog.text


def test_a_cell_that_spans_rows_holds_for_all_of_them(art: Path) -> None:
    def merge(workbook: Any) -> None:
        for first in range(2, 62, 5):
            workbook["Data"].merge_cells(start_row=first, end_row=first + 4, start_column=3, end_column=3)

    rows = [(*row, f"artist {number // 5}") for number, row in enumerate(ROWS)]
    table = read_table(book(art / "spans.xlsx", merge, Data=[("image", "label", "artist"), *rows]), group="artist")
    assert table.group.tolist() == [f"artist {number // 5}" for number in range(60)]


def test_titles_errors_and_names_that_repeat_are_told(art: Path) -> None:
    with pytest.raises(UserError, match="The first row of sheet 'Data' does not name the columns"):
        read_table(book(art / "titled.xlsx", Data=[["My study"], *TABLE]))
    with pytest.raises(UserError, match="Two columns have the name 'label'"):
        read_table(
            book(art / "twice.xlsx", Data=[(*row, "x") if row[0] != "image" else (*row, "label") for row in TABLE])
        )
    broken = [(name, "#N/A" if number == 7 else label(number)) for number, (name, _) in enumerate(ROWS)]
    table = read_table(book(art / "errors.xlsx", Data=[TABLE[0], *broken]))
    assert table.votes.sum(axis=1).tolist() == [number != 7 for number in range(60)]


def test_a_single_column_is_read_if_no_sheet_has_more(art: Path) -> None:
    pictures = [row[:1] for row in TABLE]
    path = book(art / "pictures.xlsx", Empty=[], Pictures=pictures)
    assert len(read_table(path, label=None)) == len(ROWS)
    with pytest.raises(UserError, match="has no column 'label'"):
        read_table(path)
    with pytest.raises(UserError, match="This table is empty"):
        read_table(book(art / "empty.xlsx", Empty=[]))


def test_a_table_may_begin_further_down_and_right(art: Path) -> None:
    rows = [["", ""], ["", ""], *[("", *row) for row in TABLE]]
    assert plain(read_table(book(art / "moved.xlsx", Data=[[cell or None for cell in row] for row in rows])))


def test_a_workbook_without_names_of_columns_takes_given_ones(art: Path) -> None:
    path = book(art / "nameless.xlsx", Data=ROWS)
    with pytest.raises(UserError, match="looks like data") as caught:
        read_table(path)
    assert caught.value.fix == "'data.columns=[image,label]'"
    assert plain(read_table(path, columns=["image", "label"]))
    with pytest.raises(UserError, match="has 2 columns, not 3"):
        read_table(path, columns=["image", "label", "artist"])


def test_names_of_columns_in_two_rows_are_told(art: Path) -> None:
    def span(workbook: Any) -> None:
        workbook["Data"].merge_cells("B1:C1")
        workbook["Data"].merge_cells("A1:A2")

    rows = [("image", "emotion", None), (None, "joy", "calm"), *[(name, i % 3, 1) for i, (name, _) in enumerate(ROWS)]]
    with pytest.raises(UserError, match="stand in two lines: calm"):
        read_table(book(art / "two.xlsx", span, Data=rows), label="emotion")
