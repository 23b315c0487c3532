"""How much a row counts: told where a column seems to say it and nobody named that column."""

import logging
from pathlib import Path

import pytest

from emotionart.data.tables.layouts.reading import read_table
from emotionart.errors import UserError
from tests.data.tables.cases import LABELS, pictures, write

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


@pytest.mark.parametrize("column", ["annotator", "rater_id", "Worker number"])
def test_a_persons_number_is_no_weight(tmp_path: Path, column: str) -> None:
    rows = [(name, label, person) for name in pictures(tmp_path, 3) for person, (label, _) in enumerate(ROWS)]
    with pytest.raises(UserError) as caught:
        read_table(write(tmp_path / "labels.csv", ["image", "label", column], rows))
    assert caught.value.fix == "data.rows=votes   if each row is one person's vote; otherwise correct the table"


def test_a_number_of_annotators_is_a_weight(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        read_table(shares(tmp_path, "n_annotators"))
    assert "data.weight=n_annotators" in str(caught.value.fix)


def test_ratings_by_several_people_are_no_votes(tmp_path: Path) -> None:
    names = pictures(tmp_path, 24)
    rows = [(rater, name, label, 1 + (place + shift + rater) % 5) for rater in range(3)
            for place, name in enumerate(names) for shift, label in enumerate(LABELS)]  # fmt: skip
    path = write(tmp_path / "labels.csv", ["rater", "image", "label", "rating"], rows)
    assert read_table(path, rows="votes", weight="rating").annotation == "shares"
