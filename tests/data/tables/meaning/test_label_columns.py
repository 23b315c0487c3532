"""Columns of numbers, one for each label: what their cells may hold, and what is no vote."""

import logging
from pathlib import Path

import numpy as np
import pytest

from emotionart.data.tables.layouts.reading import read_table
from emotionart.errors import UserError
from tests.data.tables.cases import LABELS, NAMES, plain, write


@pytest.mark.parametrize(("yes", "no"), [("✓", ""), ("WAHR", "FALSCH"), ("oui", "non"), (None, "")])
def test_flags_in_the_words_of_spreadsheets_and_a_labels_own_name_are_flags(
    art: Path, yes: str | None, no: str
) -> None:
    rows = [(n, *[(yes or name.title()) if i % 3 == k else no for k, name in enumerate(LABELS)])
            for i, n in enumerate(NAMES)]  # fmt: skip
    table = read_table(write(art / "flags.csv", ["image", *LABELS], rows), votes=list(LABELS))
    assert plain(table)
    assert table.annotation == "flags"


def test_ranks_are_no_votes_and_may_be_turned_around(art: Path) -> None:
    ranks = [[1, 2, 3], [2, 3, 1], [3, 1, 2]]
    path = write(art / "ranks.csv", ["image", *LABELS], [(n, *ranks[i % 3]) for i, n in enumerate(NAMES)])
    with pytest.raises(UserError, match="as ranks do"):
        read_table(path, votes=list(LABELS))
    turned = [(n, *[4 - rank for rank in ranks[i % 3]]) for i, n in enumerate(NAMES)]
    table = read_table(write(art / "turned.csv", ["image", *LABELS], turned), votes=list(LABELS), annotation="shares")
    joy = table.labels.index("joy")
    assert table.votes[0].argmax() == joy


def test_a_column_of_totals_is_no_label(art: Path) -> None:
    rows = [(n, i % 4, 2, i % 4 + 2) for i, n in enumerate(NAMES)]
    path = write(art / "totals.csv", ["image", "v_joy", "v_calm", "v_total"], rows)
    with pytest.raises(UserError, match="'v_total' is the sum of the other columns") as caught:
        read_table(path, votes="v_*")
    assert caught.value.fix == "'data.votes=[v_joy,v_calm]'"
    assert read_table(path, votes=["v_joy", "v_calm"]).labels == ("v_calm", "v_joy")
    by_chance = [(n, 2 - i % 2, 1 - i % 2, 1) for i, n in enumerate(NAMES)]
    path = write(art / "chance.csv", ["image", *LABELS], by_chance)
    assert read_table(path, votes=list(LABELS)).labels == tuple(sorted(LABELS))


def test_a_code_for_missing_votes_is_told_and_percentages_are_none(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    coded = [(n, i % 4, 99 if i % 5 == 0 else 2, 1) for i, n in enumerate(NAMES)]
    read_table(write(art / "coded.csv", ["image", *LABELS], coded), votes=list(LABELS))
    assert "is 99 in the columns of votes a code for a missing answer?" in caplog.text
    caplog.clear()
    counts = [(n, (10, 30, 99, 400)[i % 4], 2, 3) for i, n in enumerate(NAMES)]
    read_table(write(art / "counts.csv", ["image", *LABELS], counts), votes=list(LABELS))
    shares = [(n, *np.roll([99, 1, 0], i)) for i, n in enumerate(NAMES)]
    read_table(write(art / "percent.csv", ["image", *LABELS], shares), votes=list(LABELS))
    assert "missing answer" not in caplog.text


@pytest.mark.parametrize("mark", [".", ","])
def test_a_sign_between_thousands_is_no_decimal_one(art: Path, mark: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    numbers = [10 * i if i % 3 else 1000 + 37 * i for i in range(len(NAMES))]
    cells = [f"{number:,}".replace(",", mark) for number in numbers]
    path = write(art / "likes.csv", ["image", "likes"], list(zip(NAMES, cells, strict=True)))
    np.testing.assert_array_equal(read_table(path, label="likes").measurement, numbers)
    assert "is between thousands" in caplog.text
    fractions = [f"{1 + i / 7:.3f}".replace(".", mark) for i in range(len(NAMES))]
    path = write(art / "means.csv", ["image", "mean"], list(zip(NAMES, fractions, strict=True)))
    if mark == ".":
        np.testing.assert_allclose(read_table(path, label="mean").measurement, list(map(float, fractions)))


def test_points_beside_the_steps_of_a_scale_are_decimal_ones(art: Path) -> None:
    numbers = [1 + i / 20 if i % 3 else 1 + i % 7 for i in range(len(NAMES))]
    cells = [f"{number:.3f}" if i % 3 else str(number) for i, number in enumerate(numbers)]
    path = write(art / "scale.csv", ["image", "valence"], list(zip(NAMES, cells, strict=True)))
    np.testing.assert_allclose(read_table(path, label="valence").measurement, numbers)


def test_a_typographic_minus_is_a_minus(art: Path) -> None:
    numbers = [f"\N{MINUS SIGN}{i / 10}" if i % 2 else f"{i / 10}" for i in range(len(NAMES))]
    path = write(art / "minus.csv", ["image", "valence"], list(zip(NAMES, numbers, strict=True)))
    assert np.nanmin(read_table(path, label="valence").measurement) == -5.9


def test_yes_and_no_as_1_and_2_are_no_votes(art: Path) -> None:
    coded = [(n, *[1 if i % 3 == k else 2 for k in range(3)]) for i, n in enumerate(NAMES)]
    path = write(art / "spss.csv", ["image", *LABELS], coded)
    with pytest.raises(UserError, match="1 is yes and 2 is no") as caught:
        read_table(path, votes=list(LABELS))
    assert "data.annotation=votes" in str(caught.value.fix)
    assert read_table(path, votes=list(LABELS), annotation="votes").annotation == "votes"


def test_ranks_of_some_labels_are_no_votes_if_their_columns_say_so(art: Path) -> None:
    rows = [(n, *[(1, 2, ""), (2, 1, 3), ("", 2, 1)][i % 3]) for i, n in enumerate(NAMES)]
    path = write(art / "best.csv", ["image", *[f"{name}_rank" for name in LABELS]], rows)
    with pytest.raises(UserError, match="as ranks do"):
        read_table(path, votes="*_rank")
    path = write(art / "few.csv", ["image", *LABELS], rows)
    assert read_table(path, votes=list(LABELS)).annotation == "votes"


@pytest.mark.parametrize("name", ["calm (reversed)", "calm_r", "calm (umgepolt)"])
def test_a_scale_that_is_turned_round_is_told(art: Path, name: str, caplog: pytest.LogCaptureFixture) -> None:
    rows = [(n, 1 + i % 5, 5 - i % 4, 1 + i % 3) for i, n in enumerate(NAMES)]
    path = write(art / "turned.csv", ["image", "joy", "fear", name], rows)
    read_table(path, votes=["joy", "fear", name])
    assert f"the scale of columns {name!r} seems to be turned round" in caplog.text


@pytest.mark.parametrize(("form", "annotation"), [("{} (%)", "shares"), ("score_{}", "shares"), ("n_{}", "votes")])
def test_columns_that_say_so_hold_shares_or_scores(art: Path, form: str, annotation: str) -> None:
    rows = [(n, (80, 20, 10)[i % 3], (30, 50, 20)[i % 3], (20, 30, 90)[i % 3]) for i, n in enumerate(NAMES)]
    names = [form.format(name) for name in LABELS]
    assert read_table(write(art / "percent.csv", ["image", *names], rows), votes=names).annotation == annotation


def test_percentages_beside_fractions_are_fractions(art: Path) -> None:
    rows = [(n, *[(f"{50 + i % 9} %", ".3", ".2"), ("0", ".9", "0,1"), ("20 %", ".1", ".7")][i % 3])
            for i, n in enumerate(NAMES)]  # fmt: skip
    table = read_table(write(art / "mixed.csv", ["image", "joy", "sadness", "calm"], rows), votes=list(LABELS))
    assert plain(table)
    np.testing.assert_allclose(table.votes[1, table.labels.index("joy")], 0)
    whole = [(n, "50 %", 30, 20) for n in NAMES]
    table = read_table(write(art / "whole.csv", ["image", *LABELS], whole), votes=list(LABELS))
    assert table.votes[0].max() == 50


def test_the_number_of_votes_is_told(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    rows = [(n, i * 37 % 101, i * 53 % 101, 1 + i * 71 % 101) for i, n in enumerate(NAMES)]
    table = read_table(write(art / "sliders.csv", ["image", *LABELS], rows), votes=list(LABELS))
    total = table.votes.sum(axis=1)
    assert f"votes of people, {total.min():g} to {total.max():g} for each artwork" in caplog.text


@pytest.mark.parametrize("mark", ["'", "\N{RIGHT SINGLE QUOTATION MARK}", "\N{NO-BREAK SPACE}"])
def test_other_signs_between_thousands_are_left_out(art: Path, mark: str) -> None:
    numbers = [37 * number for number in range(len(NAMES))]
    cells = [f"{number:,}".replace(",", mark) for number in numbers]
    path = write(art / "swiss.csv", ["image", "likes"], list(zip(NAMES, cells, strict=True)))
    np.testing.assert_array_equal(read_table(path, label="likes").measurement, numbers)
