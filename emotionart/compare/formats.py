"""A comparison as text: CSV, Markdown, LaTeX, and aligned columns for a terminal.

Only the last shows durations, so that an interrupted and resumed sweep gives the same bytes in the others.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from emotionart.compare.names import shorten
from emotionart.data.tables.cells import spreadsheet_cell
from emotionart.terminal import broken
from emotionart.text_columns import align_columns

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
        left_aligned: indices of the left-aligned text columns; the others are numeric.
        durations: duration of a run of each row, as text.
        devices: devices on which the runs were made.
        notes: explanatory notes.
        values: the unformatted table for programs, with the column names first.
        droppable: indices of the columns to leave out in a narrow terminal, in this order; that of the durations comes
            after those of the headings.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    left_aligned: frozenset[int]
    durations: Sequence[str]
    devices: Sequence[str]
    notes: Sequence[str]
    values: Sequence[Sequence[object]] = field(repr=False)
    droppable: Sequence[int] = ()


def as_csv(table: FormattedTable, spreadsheet: bool = True) -> str:
    """The table as CSV: numbers to six significant digits, missing values empty.

    Args:
        table: the table.
        spreadsheet: whether to escape text that a spreadsheet would take for a formula with an apostrophe.
    """

    def shown(value: object) -> object:
        if isinstance(value, float):
            return f"{value:.6g}"
        return spreadsheet_cell(value) if spreadsheet and isinstance(value, str) else value

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in table.values:
        writer.writerow([shown(value) for value in row])
    return text.getvalue()


def as_markdown(table: FormattedTable) -> str:
    """The table in GitHub's Markdown, followed by its notes."""
    rule = ["---" if column in table.left_aligned else "---:" for column in range(len(table.headings))]
    lines = [_line(cells) for cells in (table.headings, rule, *table.rows)]
    notes = ["- " + note.replace("*", "\\*") for note in table.notes]
    return "\n".join([*lines, "", *notes]) + "\n"


def as_latex(table: FormattedTable) -> str:
    r"""The table as a `tabular` with the rules of `booktabs`."""
    columns = "".join("l" if column in table.left_aligned else "r" for column in range(len(table.headings)))
    head, *body = [" & ".join(_escape(cell) for cell in cells) + r" \\" for cells in (table.headings, *table.rows)]
    lines = [
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        head,
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join([*lines, *(f"% {note}".replace("\n", " ") for note in table.notes)]) + "\n"


def as_text(table: FormattedTable, width: int | None = None, wide: str | None = "--wide") -> str:
    """Aligned columns with durations and devices.

    Args:
        table: the table.
        width: width of the terminal in characters: longer names than half of it are shortened, columns are left out of
            a wider table, and notes are broken; None for no limit.
        wide: option or command that shows all columns and whole names; None shows them.
    """
    room = None if wide is None else width
    names = [name for name, *_ in table.rows]
    rows = [(*table.headings, "a run takes")]
    for name, (_, *cells), duration in zip(
        names if room is None else _shortened(names, room // 2), table.rows, table.durations, strict=True
    ):
        rows.append((name, *cells, duration))
    lines = align_columns(rows, table.left_aligned, room, table.droppable, wide or "")
    notes = [*table.notes, *(f"Made on: {device}." for device in table.devices)]
    return "\n".join([*lines, "", *(broken(note, width) for note in notes)]) + "\n"


def _shortened(names: Sequence[str], length: int) -> list[str]:
    """Shortened names, which keep the asterisk of random features."""
    short = shorten([name.removesuffix("*").split(", ") for name in names], length - 1)
    return [f"{text}*" if name.endswith("*") else text for text, name in zip(short, names, strict=True)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _escape(cell: str) -> str:
    return cell.translate(_SPECIAL)
