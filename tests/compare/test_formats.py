import csv
import io

import pytest

from emotionart.compare.formats import FormattedTable, as_csv, as_latex


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
