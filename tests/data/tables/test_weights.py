"""How much a row counts: told where a column seems to say it and nobody named that column."""

import logging
from pathlib import Path

import pytest

from emotionart.data.tables.layouts.reading import read_table
from emotionart.errors import UserError
from tests.data.tables.cases import pictures, write

ROWS = [("joy", 0.6), ("calm", 0.4)]


def shares(folder: Path, column: str) -> Path:
    rows = [(name, label, share) for name in pictures(folder, 3) for label, share in ROWS]
    return write(folder / "labels.csv", ["image", "label", column], rows)


def test_rows_that_disagree_beside_a_column_of_shares_name_it(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        read_table(shares(tmp_path, "Share"))
    assert "data.rows=votes data.weight=Share" in str(caught.value)


@pytest.mark.parametrize(("column", "told"), [("share", True), ("year", False)])
def test_shares_that_are_taken_for_votes_are_told(
    tmp_path: Path, column: str, told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    read_table(shares(tmp_path, column), rows="votes")
    assert ("data.weight=share" in caplog.text) == told
