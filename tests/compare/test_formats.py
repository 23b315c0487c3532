import csv
import io

import pytest

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
    sheet = FormattedTable(sheet.headings, sheet.rows, sheet.left, sheet.durations, sheet.devices, [], values)
    assert as_csv(sheet) == "row,lead\na=b,-0.5\n"


def test_no_name_is_a_command_of_latex() -> None:
    text = as_latex(table("\\input{/etc/passwd}~^_\n\\end{tabular}"))
    assert r"\textbackslash{}input\{/etc/passwd\}\textasciitilde{}\textasciicircum{}\_ \textbackslash{}end" in text
    assert text.count("\n\\end{tabular}") == 1
    assert all(line.startswith(("\\", "%")) for line in text.splitlines()) or "about" in text.splitlines()[-1]


def test_a_long_name_loses_its_middle_in_a_terminal_and_nowhere_else() -> None:
    sheet = table("model=vgg16_tl, " + "data.path=pictures/of/art.csv, " * 9 + "optimizer.lr=3")
    line = as_text(sheet, 80).splitlines()[1]
    assert line.startswith("model=vgg16_tl, dat…")
    assert "optimizer.lr=3" in line
    assert len(line) <= 80
    assert sheet.rows[0][0] in as_text(sheet)
