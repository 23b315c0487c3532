"""Lists of rows and names for messages: the first few, and the number of others."""

from __future__ import annotations

from collections.abc import Sequence

_NAMED = 10  # maximum number of rows or files that a message names
_GROUPED = 3  # maximum number of rows of a group that it names


def some(names: Sequence[str], most: int = _NAMED) -> str:
    """The first few names, and the number of others."""
    rest = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def row_numbers(numbers: Sequence[int]) -> str:
    """Row numbers as text, with consecutive ones as ranges: "rows 2-5, 9"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    named = [str(first) if first == last else f"{first}-{last}" for first, last in runs]
    return f"row{'s' if len(numbers) > 1 else ''} {some(named)}"


def row_group(numbers: Sequence[int]) -> str:
    """Rows that belong together as text: "rows 2 and 5", "rows 2 and 5 and 7 and 4 more"."""
    rest = [f"{len(numbers) - _GROUPED:,} more"] if len(numbers) > _GROUPED else []
    return f"rows {' and '.join([*map(str, numbers[:_GROUPED]), *rest])}"
