"""Tables and lists as aligned columns of text; on a narrow terminal, columns are left out and descriptions wrapped."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping, Sequence

from emotionart.terminal import broken

_INDENT = 4  # characters before each name of a list
_WIDE = 1_000_000  # characters, where any width will do


def align_columns(
    rows: Sequence[Sequence[str]],
    left_aligned: Collection[int],
    width: int | None = None,
    droppable: Sequence[int] = (),
    show_all: str = "--wide",
) -> list[str]:
    """Rows as lines of aligned columns, and then the names of the columns left out, if there are any.

    Args:
        rows: cells of each row, headings first; all rows of the same length.
        left_aligned: indices of the left-aligned columns; the others are right-aligned.
        width: maximum line width in characters; None for no limit.
        droppable: indices of the columns to leave out while lines are too wide, in this order.
        show_all: option or command that shows all columns.
    """
    kept = list(range(len(rows[0])))
    for column in droppable:
        if width is None or _width(rows, kept) <= width:
            break
        kept.remove(column)
    widths = {column: max(len(row[column]) for row in rows) for column in kept}
    lines = [
        "  ".join(
            row[column].ljust(widths[column]) if column in left_aligned else row[column].rjust(widths[column])
            for column in kept
        ).rstrip()
        for row in rows
    ]
    absent = [heading for column, heading in enumerate(rows[0]) if column not in kept]
    if absent:
        lines += broken(f"columns left out: {', '.join(absent)}; to see them: {show_all}", width).split("\n")
    return lines


def align_descriptions(descriptions: Mapping[str, str], space: int, width: int | None = None) -> list[str]:
    """Indented lines of names with their descriptions beside them, wrapped.

    Args:
        descriptions: description of each name.
        space: width of the names' column in characters; the description of a longer name starts on a line of its own.
        width: maximum line width in characters, which single words may exceed; None for no limit.
    """
    lines = []
    for name, description in descriptions.items():
        indent = " " * (_INDENT + space + 1)
        first = f"{'':{_INDENT}}{name:<{space}} "
        if len(first) > len(indent):
            lines.append(first.rstrip())
            first = indent
        lines += textwrap.wrap(
            description,
            width or _WIDE,
            initial_indent=first,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [first.rstrip()]
    return lines


def _width(rows: Sequence[Sequence[str]], columns: Sequence[int]) -> int:
    """Line width in characters with these columns."""
    return max(sum(max(len(row[column]) for row in rows) + 2 for column in columns) - 2, 0)
