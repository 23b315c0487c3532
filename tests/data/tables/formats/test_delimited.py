"""Text tables that are laid out in another way."""

from pathlib import Path

import pytest

from emotionart.data.tables.cells import read_cells
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
