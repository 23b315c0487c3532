"""Several labels in a cell, in every spelling: refused, and read as the message says."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emotionart.data.tables.layouts.reading import read_table
from emotionart.errors import UserError
from tests.data.tables.cases import NAMES, ROWS, plain, write


@pytest.mark.parametrize(
    ("cells", "separator"),
    [
        (["joy;love", "sadness", "joy;calm"], ";"),
        (["joy|love", "sadness", "joy|calm"], "|"),
        (["['joy', 'love']", "['sadness']", "['joy', 'calm']"], ","),
        (["joy, love", "love", "joy, calm, sadness", "calm, sadness"], ","),
    ],
)
def test_several_labels_in_a_cell_are_refused_with_two_ways_out(art: Path, cells: list[str], separator: str) -> None:
    path = write(art / "lists.csv", ["image", "label"], [(n, cells[i % len(cells)]) for i, n in enumerate(NAMES)])
    with pytest.raises(UserError, match="holds several labels in a cell") as caught:
        read_table(path)
    assert caught.value.fix.count(f"'data.label_separator=\"{separator}\"'") == 2
    table = read_table(path, label_separator=separator)
    assert set(table.labels) == {"joy", "love", "calm", "sadness"}
    assert table.annotation == "flags"
    first = {name: votes for name, votes in zip(table.labels, table.votes[0], strict=True) if votes}
    assert first == {"joy": 1, "love": 1}
    assert read_table(path, label_separator=separator, several_labels="first").votes.sum(axis=1).tolist() == [1] * 60


def test_votes_below_zero_are_refused(art: Path) -> None:
    cells = ['{"joy": -0.3, "calm": 0.8}', '{"joy": 1, "calm": 0}']
    path = write(art / "below.csv", ["image", "label"], [(name, cells[i % 2]) for i, name in enumerate(NAMES)])
    with pytest.raises(UserError, match="Votes must be numbers from 0"):
        read_table(path)


def test_lists_of_parquet_are_lists(art: Path) -> None:
    frame = pd.DataFrame({"image": NAMES, "emotions": [["joy", "love"], ["calm"]] * 30})
    frame.to_parquet(art / "lists.parquet")
    with pytest.raises(UserError, match="several labels in a cell"):
        read_table(art / "lists.parquet", label="emotions")
    assert read_table(art / "lists.parquet", label="emotions", label_separator=",").labels == ("calm", "joy", "love")


def test_a_sentence_with_a_comma_is_one_label(art: Path) -> None:
    cells = ["calm", "awe, mixed with fear"]
    path = write(art / "comma_label.csv", ["image", "label"], [(n, cells[i % 2]) for i, n in enumerate(NAMES)])
    assert read_table(path).labels == ("awe, mixed with fear", "calm")


@pytest.mark.parametrize(
    ("cells", "separator"),
    [
        (["joy,love", "sadness", "joy,calm", "calm"], ","),
        (["joy/love", "sadness", "joy/calm", "calm"], "/"),
        (["joy and love", "sadness", "joy and calm", "calm"], " and "),
        (["joy、love", "sadness", "joy、calm", "calm"], "、"),
        (["{'joy', 'love'}", "{'sadness'}", "{'calm'}"], ","),
        (["('joy', 'love')", "('sadness',)", "('calm',)"], ","),
        (["['joy' 'love']", "['sadness']", "['calm']"], ","),
        (["[joy, love]", "sadness", "calm"], ","),
    ],
)
def test_lists_in_every_spelling_are_refused_and_read_as_the_fix_says(
    art: Path, cells: list[str], separator: str
) -> None:
    path = write(art / "spelt.csv", ["image", "label"], [(n, cells[i % len(cells)]) for i, n in enumerate(NAMES)])
    with pytest.raises(UserError, match="holds several labels in a cell") as caught:
        read_table(path)
    assert f"'data.label_separator=\"{separator}\"'" in caught.value.fix
    assert read_table(path, label_separator=separator).labels == ("calm", "joy", "love", "sadness")
    assert len(read_table(path, several_labels="one").labels) == len(cells)


@pytest.mark.parametrize(
    "cells",
    [
        ["anger/disgust", "joy", "calm"],
        ["light blue", "dark blue", "red"],
        ["2020-01-01", "2020-02-01", "2021-01-01"],
        ["(neutral)", "joy"],
        ["Art Nouveau", "Art Deco"],
    ],
)
def test_what_names_one_label_is_one(art: Path, cells: list[str]) -> None:
    path = write(art / "one.csv", ["image", "label"], [(n, cells[i % len(cells)]) for i, n in enumerate(NAMES)])
    assert set(read_table(path).labels) == {cell.casefold() for cell in cells}


def test_lists_of_one_label_are_that_label(art: Path) -> None:
    path = write(art / "single.csv", ["image", "label"], [(n, f'["{one}"]') for n, one in ROWS])
    assert plain(read_table(path))


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["{'joy': 3, 'love': 1}", "{'calm': 4}"], {}),
        (['{"joy": 3, "love": 1, "calm": 0}', '{"joy": null, "calm": 4}'], {}),
        (["joy:3;love:1", "calm:4"], {"label_separator": ";"}),
        (["joy (3), love (1)", "calm (4)"], {"label_separator": ","}),
    ],
)
def test_numbers_beside_labels_count_them(art: Path, cells: list[str], words: dict[str, str]) -> None:
    path = write(art / "beside.csv", ["image", "label"], [(n, cells[i % 2]) for i, n in enumerate(NAMES)])
    table = read_table(path, **words)
    assert table.labels == ("calm", "joy", "love")
    assert table.votes[:2].tolist() == [[0, 3, 1], [4, 0, 0]]
    assert table.annotation == "votes"


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["[1, 0, 0]", "[0, 1, 0]"], "does not say which labels"),
        (["[3, 0, 1]", "[0, 4, 0]"], "does not say which labels"),
        (["[0.5, 0.3, 0.2]", "[0.1, 0.3, 0.6]"], "does not say which labels"),
        (['[{"emotion": "joy"}]', '[{"emotion": "calm"}]'], "holds records, not labels"),
        (['{"joy": "much"}', '{"calm": "little"}'], "holds records, not labels"),
    ],
)
def test_cells_that_name_no_labels_are_refused(art: Path, cells: list[str], told: str) -> None:
    path = write(art / "nameless.csv", ["image", "label"], [(n, cells[i % 2]) for i, n in enumerate(NAMES)])
    with pytest.raises(UserError, match=told) as caught:
        read_table(path)
    assert "docs/other-layouts.md" in caught.value.fix


def test_a_separator_that_no_cell_holds_hides_no_other(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [(n, ("joy;love", "calm")[i % 2]) for i, n in enumerate(NAMES)]
    with pytest.raises(UserError, match="holds several labels in a cell"):
        read_table(write(art / "other.csv", ["image", "label"], rows), label_separator=",")
    assert plain(read_table(write(art / "none.csv", ["image", "label"], ROWS), label_separator=","))
    assert "no cell of column 'label' holds data.label_separator=','" in caplog.text


@pytest.mark.parametrize("form", ["{} ({}%), {} ({}%)", "{} x{}, {} x{}", "{}: {}, {}: {}"])
def test_labels_with_numbers_beside_them_are_several_and_counted(art: Path, form: str) -> None:
    rows = [(n, form.format(("joy", "sadness", "calm")[i % 3], 70 + i % 3, "calm", 30 - i % 3))
            for i, n in enumerate(NAMES)]  # fmt: skip
    path = write(art / "counted.csv", ["image", "label"], rows)
    with pytest.raises(UserError, match="several labels in a cell"):
        read_table(path)
    table = read_table(path, label_separator=",")
    assert table.labels == ("calm", "joy", "sadness")
    assert table.votes[0].tolist() == [30, 70, 0]


def test_a_single_label_with_a_number_beside_it_is_refused_with_both_meanings(
    art: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [(n, f"{('joy', 'sadness', 'calm')[i % 3]}: 0.{5 + i % 5}") for i, n in enumerate(NAMES)]
    path = write(art / "sure.csv", ["image", "label"], rows)
    with pytest.raises(UserError, match="holds a number beside each label") as caught:
        read_table(path)
    assert "data.label_separator" in caught.value.fix
    table = read_table(path, label_separator=";")
    assert table.labels == ("calm", "joy", "sadness")
    np.testing.assert_allclose(table.votes[1], [0, 0, 0.6], rtol=1e-6)
    assert "no cell" not in caplog.text
    assert len(read_table(path, several_labels="one").labels) == 15


def test_entities_of_pages_hold_no_separator(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    labels = ["d&eacute;go&ucirc;t", "joy &#39;89"]
    rows = [(name, labels[number % 2]) for number, name in enumerate(NAMES)]
    assert read_table(write(art / "entities.csv", ["image", "label"], rows)).labels == ("dégoût", "joy '89")
    assert "'d&eacute;go&ucirc;t' is 'dégoût'" in caplog.text


@pytest.mark.parametrize(("cells", "told"), [(["1,3", "2", "3,2"], True), (["2,5", "3", "4,25"], False)])
def test_commas_between_numbers_of_labels_are_told(
    art: Path, cells: list[str], told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [(name, cells[number % 3]) for number, name in enumerate(NAMES)]
    path = write(art / "codes.csv", ["image", "label"], rows)
    assert read_table(path).measurement is not None
    assert ("'1,3' is 1.3; if it separates labels: 'data.label_separator=\",\"'" in caplog.text) == told
    if told:
        assert read_table(path, label_separator=",").labels == ("1", "2", "3")


def test_numbers_beside_labels_may_have_decimal_commas(art: Path) -> None:
    rows = [(name, "joy: 0,7; calm: 0,25") for name in NAMES]
    table = read_table(write(art / "commas.csv", ["image", "label"], rows), label_separator=";")
    assert table.labels == ("calm", "joy")
    np.testing.assert_allclose(table.votes[0], [0.25, 0.7])
