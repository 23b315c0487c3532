"""Codes for missing labels: the printed option leaves out the rows that it speaks of, and no others."""

import shlex
from pathlib import Path

import pytest
from hydra.utils import instantiate

from emotionart.config.compose import compose
from emotionart.data.source import Table
from emotionart.data.tables.layouts.reading import read_table
from emotionart.data.tables.meaning.missing_codes import is_missing_word
from emotionart.data.tables.votes import fold
from emotionart.errors import UserError
from tests.data.tables.cases import COUNT, LABELS, NAMES, write

STEPS = ("1", "2", "3", "4", "5")


def as_read(text: str) -> Table:
    """The source of data with an option that a message prints."""
    source = instantiate(compose(["data=table", "data.path=x.csv", *shlex.split(text)]).config.data)
    assert isinstance(source, Table)
    return source


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("label", ("99", *STEPS)),
        ("label", ("99", *STEPS, "n/a")),  # the column is text because of the word; its rows have no label
        ("label", ("99", "99.0", *STEPS, "?")),
        ("label", tuple(f"[{step}]" for step in ("99", *STEPS))),
        ("a__b", ("99", *STEPS)),
        ("a label", ("99", *STEPS, "n/a")),
        ("class", ("99", *STEPS)),
    ],
)
def test_the_printed_option_leaves_a_code_out(
    art: Path, column: str, cells: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    rows = [(name, cells[number % len(cells)]) for number, name in enumerate(NAMES)]
    path = write(art / "coded.csv", ["image", column], rows)
    assert "99" in read_table(path, label=column).labels
    assert "is 99 a code for a missing number?" in caplog.text
    option = caplog.text.partition("to leave it out: ")[2].splitlines()[0]
    table = read_table(path, label=column, where=as_read(option).where)
    assert set(table.labels) == set(STEPS)
    assert table.votes.sum() == sum(str(cell).strip("[]") in STEPS for _, cell in rows)


@pytest.mark.parametrize("column", ["__label", "a@b", "a`b"])
def test_no_option_is_printed_for_a_column_that_no_expression_can_name(
    art: Path, column: str, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [(name, ("99", *STEPS)[number % 6]) for number, name in enumerate(NAMES)]
    read_table(write(art / "nameless.csv", ["image", column], rows), label=column)
    assert "to leave it out: empty cells in its place" in caplog.text


@pytest.mark.parametrize("where", ["label.__class__ == 1", "label.\uff3f\uff3fclass__ == 1", "label == @path"])
def test_an_expression_reaches_nothing_but_columns(art: Path, where: str) -> None:
    path = write(art / "plain.csv", ["image", "label"], [(name, "joy") for name in NAMES])
    with pytest.raises(UserError, match="holds no @, and no name that begins with __"):
        read_table(path, where=where)
    assert len(read_table(path, where="label != 'a__b'")) == COUNT


def test_one_column_of_votes_that_is_left_is_a_list() -> None:
    source = as_read("data.votes=[joy,skip]")
    assert as_read(source.leave_out(["skip"])).votes == ["joy"]


def test_words_are_folded() -> None:
    assert all(is_missing_word(fold(word)) for word in ("Weiß nicht", "weiss nicht", "N/A", "I don’t know"))
    assert not is_missing_word("na")


@pytest.mark.parametrize("word", ["\\N", "(blank)", "#VALUE!", "TBD", "unsorted", "Neuer Ordner"])
def test_what_programs_write_for_nothing_is_a_word_for_no_label(word: str) -> None:
    assert is_missing_word(fold(word))


def test_cells_that_spanned_rows_are_told(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    spanned = [(name, LABELS[i // 20] if i % 20 == 0 else "") for i, name in enumerate(NAMES)]
    read_table(write(art / "spanned.csv", ["image", "label"], spanned))
    assert "if an empty cell means the one above" in caplog.text
    caplog.clear()
    few = [(name, LABELS[i % 3] if i % 7 == 0 else "") for i, name in enumerate(NAMES)]
    read_table(write(art / "few.csv", ["image", "label"], few))
    assert not caplog.records
