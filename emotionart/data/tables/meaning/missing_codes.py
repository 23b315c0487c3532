"""Codes for missing labels: numbers such as -1 and 99, and words such as "don't know"."""

from __future__ import annotations

from collections.abc import Sequence
from keyword import iskeyword

import numpy as np
from numpy.typing import NDArray

from emotionart.quoting import override

_FEWEST = 4  # different numbers, among which one can stand apart
_REPEATED = 3  # rows with the same code for a missing number

_WORDS = {
    *("nan", "none", "null", "n/a", "<na>", "n.a.", "n. a.", "#n/a", "#nv", "?", "??", "-", "--", "—", ".", "..."),
    *("unknown", "unlabeled", "unlabelled", "undefined", "missing", "no label", "not labeled", "not labelled"),
    *("skip", "skipped", "don't know", "dont know", "do not know", "i don't know", "dk", "can't say", "cannot say"),
    *("not sure", "unsure", "no answer", "no response", "no opinion", "not applicable"),
    *("prefer not to say", "prefer not to answer", "rather not say"),
    *("weiß nicht", "weiss nicht", "keine angabe", "k.a.", "k. a.", "unbekannt", "ne sait pas", "sans réponse"),
}
"""Words for "no label", folded. "NA" is not among them: it is a label of the study."""


def missing_number(numbers: NDArray[np.float64]) -> float | None:
    """A number that is probably a code for a missing one, such as -1 or 99; None if there is none.

    It occurs several times, and is the only negative number, or further from all others than these are from each other.
    """
    values, counts = np.unique(numbers[np.isfinite(numbers)], return_counts=True)
    if len(values) < _FEWEST:
        return None
    for place, others in ((0, values[1:]), (-1, values[:-1])):
        alone = values[place] < 0 <= others[0] if place == 0 else False
        far = abs(values[place] - others[place]) > others[-1] - others[0]
        if counts[place] >= _REPEATED and (alone or far):
            return float(values[place])
    return None


def is_missing_word(label: str) -> bool:
    """Whether a folded label is a word for "no label"."""
    return label.replace("’", "'") in _WORDS


def without_number(column: str, number: float) -> str:
    """The override that leaves out the rows with a number in a column."""
    return override("data.where", f"{_quoted(column)} != {number:g}")


def without_words(column: str, words: Sequence[str]) -> str:
    """The override that leaves out the rows with one of some folded words in a column."""
    listed = ", ".join(f'"{word}"' for word in words)
    return override("data.where", f"{_quoted(column)}.str.casefold() not in [{listed}]")


def _quoted(column: str) -> str:
    """A column's name in an expression of pandas."""
    return column if column.isidentifier() and not iskeyword(column) else f"`{column}`"
