"""A comparison as text: CSV, Markdown, LaTeX, and aligned columns for a terminal.

Only the last shows durations, so that an interrupted and resumed sweep gives the same bytes in the others.
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
    """A comparison table formatted as text.

    Attributes:
        headings: column headings.
        rows: cells of each row, one per heading.
        left: indices of the left-aligned text columns; the others are numeric.
        durations: duration of a run of each row, as text.
        devices: devices on which the runs were made.
        notes: explanatory notes.
        values: the unformatted table for programs, with the column names first.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: frozenset[int]
    durations: Sequence[str]
    devices: Sequence[str]
    notes: Sequence[str]
    values: Sequence[Sequence[object]] = field(repr=False)


def as_csv(sheet: FormattedTable, spreadsheet: bool = True) -> str:
    """The table as CSV: numbers to six significant digits, missing values empty.

    Args:
        sheet: the table.
        spreadsheet: whether to escape text that a spreadsheet would take for a formula with an apostrophe.
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
    """The table in GitHub's Markdown, followed by its notes."""
    rule = ["---" if column in sheet.left else "---:" for column in range(len(sheet.headings))]
    lines = [_line(cells) for cells in (sheet.headings, rule, *sheet.rows)]
    notes = ["- " + note.replace("*", "\\*") for note in sheet.notes]
    return "\n".join([*lines, "", *notes]) + "\n"


def as_latex(sheet: FormattedTable) -> str:
    r"""The table as a `tabular` with the rules of `booktabs`."""
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
    """Aligned columns with durations and devices.

    With a `width`, names longer than half of it lose their middle, and a wider table the columns before the last one.
    """
    rows = [(*sheet.headings, "a run takes")]
    for (name, *cells), duration in zip(sheet.rows, sheet.durations, strict=True):
        rows.append((name if width is None else _shortened(name, width // 2), *cells, duration))
    lines = aligned(rows, sheet.left, width, spared=range(len(sheet.headings), 3, -1))
    return "\n".join([*lines, "", *sheet.notes, *(f"Made on: {device}." for device in sheet.devices)]) + "\n"


def _shortened(name: str, length: int) -> str:
    half = length // 2
    return name if len(name) <= length else f"{name[: half - 1]}…{name[-half:]}"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _escape(cell: str) -> str:
    return cell.translate(_SPECIAL)
