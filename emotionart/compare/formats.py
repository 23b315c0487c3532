"""A comparison as text: CSV, Markdown, LaTeX, and aligned columns for a terminal.

Only the last holds durations, so that a sweep that was interrupted ends in the same bytes of the others.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from emotionart.aligned import aligned
from emotionart.data.tables.cells import spreadsheet_cell

ABSENT = "–"
_SPECIAL = str.maketrans(
    {sign: f"\\{sign}" for sign in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    | {"±": r"$\pm$", ABSENT: "--", "\n": " "}
)


@dataclass(frozen=True)
class FormattedTable:
    """A comparison whose values are text already.

    Attributes:
        headings: of the columns.
        rows: cells, as many as headings.
        left: numbers of the columns of words; the others are of numbers.
        durations: of each row, as text.
        devices: on which the runs were made.
        notes: sentences that a reader needs.
        values: the same for a program, the names of the columns first.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: frozenset[int]
    durations: Sequence[str]
    devices: Sequence[str]
    notes: Sequence[str]
    values: Sequence[Sequence[object]] = field(repr=False)


def as_csv(sheet: FormattedTable, spreadsheet: bool = True) -> str:
    """A line a row, numbers to six digits, nothing where a value is missing.

    Args:
        sheet: the table.
        spreadsheet: whether text that a spreadsheet would take for a formula has an apostrophe before it.
    """

    def shown(value: object) -> object:
        if isinstance(value, float):
            return f"{value:.6g}"
        return spreadsheet_cell(value) if spreadsheet and isinstance(value, str) else value

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in sheet.values:
        writer.writerow([shown(value) for value in row])
    return text.getvalue()


def as_markdown(sheet: FormattedTable) -> str:
    """A table of GitHub's kind, and what its signs mean."""
    rule = ["---" if column in sheet.left else "---:" for column in range(len(sheet.headings))]
    lines = [_line(cells) for cells in (sheet.headings, rule, *sheet.rows)]
    notes = ["- " + note.replace("*", "\\*") for note in sheet.notes]
    return "\n".join([*lines, "", *notes]) + "\n"


def as_latex(sheet: FormattedTable) -> str:
    r"""A `tabular` for `booktabs`, rules and all."""
    columns = "".join("l" if column in sheet.left else "r" for column in range(len(sheet.headings)))
    head, *body = [" & ".join(_escape(cell) for cell in cells) + r" \\" for cells in (sheet.headings, *sheet.rows)]
    lines = [
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        head,
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join([*lines, *(f"% {note}".replace("\n", " ") for note in sheet.notes)]) + "\n"


def as_text(sheet: FormattedTable, width: int | None = None) -> str:
    """Aligned columns, with durations and devices; of too wide a table, the last columns but one are left out."""
    rows = [(*sheet.headings, "a run takes")]
    rows += [(*cells, duration) for cells, duration in zip(sheet.rows, sheet.durations, strict=True)]
    lines = aligned(rows, sheet.left, width, spared=range(len(sheet.headings), 3, -1))
    return "\n".join([*lines, "", *sheet.notes, *(f"Made on: {device}." for device in sheet.devices)]) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _escape(cell: str) -> str:
    return cell.translate(_SPECIAL)
