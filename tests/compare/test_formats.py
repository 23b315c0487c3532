import csv
import io

import numpy as np
import pytest

from emotionart.compare.classifiers.format import format_table
from emotionart.compare.classifiers.predictions import RowPredictions
from emotionart.compare.classifiers.rows import METRICS, Row
from emotionart.compare.classifiers.table import Table
from emotionart.compare.formats import FormattedTable, as_csv, as_latex, as_text


def table(name: str) -> FormattedTable:
    return FormattedTable(["row"], [[name]], frozenset({0}), ["1 s"], ["cpu"], [f"about {name}"], [["row"], [name]])


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_a_spreadsheet_takes_no_name_for_a_formula(name: str) -> None:
    assert list(csv.reader(io.StringIO(as_csv(table(name)))))[1] == [f"'{name}"]
    assert list(csv.reader(io.StringIO(as_csv(table(name), spreadsheet=False))))[1] == [name]


def test_negative_numbers_and_other_names_stay_as_they_are() -> None:
    sheet = table("a=b")
    values = [["row", "lead"], ["a=b", -0.5]]
    sheet = FormattedTable(sheet.headings, sheet.rows, sheet.left_aligned, sheet.durations, sheet.devices, [], values)
    assert as_csv(sheet) == "row,lead\na=b,-0.5\n"


def test_no_name_is_a_command_of_latex() -> None:
    text = as_latex(table("\\input{/etc/passwd}~^_\n\\end{tabular}"))
    assert r"\textbackslash{}input\{/etc/passwd\}\textasciitilde{}\textasciicircum{}\_ \textbackslash{}end" in text
    assert text.count("\n\\end{tabular}") == 1
    assert all(line.startswith(("\\", "%")) for line in text.splitlines()) or "about" in text.splitlines()[-1]


def test_a_long_name_keeps_what_tells_it_from_others_in_a_terminal_and_all_elsewhere() -> None:
    shared = "model=vgg16_tl, " + "data.path=pictures/of/art.csv, " * 9
    sheet = FormattedTable(
        ["row"], [[f"{shared}optimizer.lr=3*"], [f"{shared}optimizer.lr=4"]], frozenset({0}), ["1 s"] * 2, [], [], []
    )
    lines = as_text(sheet, 80).splitlines()
    assert lines[1].split("  ")[0] == "model=vgg16_tl, …, optimizer.lr=3*"
    assert lines[2].split("  ")[0] == "model=vgg16_tl, …, optimizer.lr=4"
    assert max(map(len, lines)) <= 80
    assert sheet.rows[0][0] in as_text(sheet)


def test_notes_are_broken_between_words_also_below_a_table_with_all_columns() -> None:
    notes = ["Intervals describe these runs on other artworks; they make no claim about seeds."]
    sheet = FormattedTable(["row"], [["a" * 60]], frozenset({0}), ["1 s"], ["cpu"], notes, [])
    row, note, rest = (as_text(sheet, 60, None).splitlines()[place] for place in (1, 3, 4))
    assert row.startswith("a" * 60)
    assert [note, rest] == ["Intervals describe these runs on other artworks; they make", "  no claim about seeds."]


def test_in_a_narrow_terminal_the_interval_stays_longest_and_what_is_left_out_is_told() -> None:
    hits = np.random.default_rng(0).random((2, 100)) < 0.5
    id = np.arange(100).astype(str)
    accuracy = {metric: hits.mean(axis=1) for metric in METRICS}
    row = Row("net", (0, 1), (), accuracy, (0.4, 0.6), RowPredictions(id, id, np.arange(100), hits), False)
    sheet = format_table(Table((row,), None, None, None, None, 100, None))

    gone: list[str] = []
    for width in range(len(as_text(sheet).splitlines()[0]), 30, -1):
        first, _, *rest = as_text(sheet, width).splitlines()
        absent = [heading for heading in (*sheet.headings, "a run takes") if heading not in first]
        gone += [heading for heading in absent if heading not in gone]
        line = " ".join(text.strip() for text in rest[: rest.index("")])
        assert line == (f"columns left out: {', '.join(absent)}; to see them: --wide" if absent else "")
    assert gone == ["KL", "macro-F1", "balanced acc.", "a run takes", "train acc.", "runs", "group", "95 % interval"]
