"""Tables for a terminal: aligned columns, of which the least important go where they do not fit."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Collection, Sequence


def terminal_width() -> int | None:
    """Characters in a line of the terminal; None where the output goes elsewhere and can be as wide as it likes."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def aligned(
    rows: Sequence[Sequence[str]], left: Collection[int], width: int | None = None, spared: Sequence[int] = ()
) -> list[str]:
    """Rows as lines of aligned columns.

    Args:
        rows: the headings first; as many cells each.
        left: numbers of the columns of words; the others are of numbers.
        width: that lines must fit; None for any.
        spared: numbers of the columns that are left out where lines are too wide, the first one first.
    """
    kept = list(range(len(rows[0])))
    for column in spared:
        if width is None or _width(rows, kept) <= width:
            break
        kept.remove(column)
    widths = {column: max(len(row[column]) for row in rows) for column in kept}
    return [
        "  ".join(
            row[column].ljust(widths[column]) if column in left else row[column].rjust(widths[column])
            for column in kept
        ).rstrip()
        for row in rows
    ]


def _width(rows: Sequence[Sequence[str]], columns: Sequence[int]) -> int:
    """The width of lines of these columns."""
    return max(sum(max(len(row[column]) for row in rows) + 2 for column in columns) - 2, 0)
