"""`data.where` keeps the rows that are meant, or says why it cannot."""

from pathlib import Path

import pytest

from emotionart.data.tables.layouts.reading import read_table
from emotionart.errors import UserError
from tests.data.tables.cases import ROWS, write


@pytest.fixture(scope="module")
def table(art: Path) -> Path:
    rows = [(*row, "" if n % 3 else 1800 + n, n % 3, "yes" if n % 2 else "no", n) for n, row in enumerate(ROWS)]
    return write(art / "where.csv", ["image", "label", "year", "kind", "is painting", "class"], rows)


@pytest.mark.parametrize(
    ("where", "kept"),
    [("year > 1820", 13), ("kind == 1", 20), ("`is painting` == 'yes'", 30), ("label in ['joy', 'calm']", 40)],
)
def test_rows_are_kept_by_numbers_with_gaps_and_by_texts(table: Path, where: str, kept: int) -> None:
    assert len(read_table(table, where=where)) == kept


@pytest.mark.parametrize(
    ("where", "told", "suggestion", "fix"),
    [
        ("year = 1820", "not true or false", None, "'data.where=\"year == 1820\"'"),
        ("year", "not true or false", None, None),
        ("yaer > 1820", "name 'yaer' is not defined", "year", "'data.where=\"year > 1820\"'"),
        ("clas > 5", "name 'clas' is not defined", "class", "'data.where=\"`class` > 5\"'"),
        ("label == 'Joy'", "No row is left", "label holds 'joy', 'sadness', 'calm'", None),
        ("kind == '1'", "No row is left", "kind holds numbers, which take no quotes", None),
    ],
)
def test_an_expression_that_means_something_else_is_refused(
    table: Path, where: str, told: str, suggestion: str | None, fix: str | None
) -> None:
    with pytest.raises(UserError, match=told) as caught:
        read_table(table, where=where)
    assert suggestion is None or caught.value.suggestions[0] == suggestion
    assert caught.value.fix == fix
