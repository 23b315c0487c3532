"""Codes for missing labels: numbers such as -1 and 99, and words such as "don't know"."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.meaning.numerals import to_numbers
from emotionart.quoting import override, quoted_column

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_FEWEST = 3  # texts of a column whose cells may have spanned several rows
_NUMBERS = 4  # different numbers, among which one can stand apart
_REPEATED = 3  # rows with the same code for a missing number

_WORDS = {
    word.casefold()
    for word in (
        *("nan", "none", "null", "n/a", "<na>", "n.a.", "n. a.", "#n/a", "#nv", "?", "??", "-", "--", "—", ".", "..."),
        *("unknown", "unlabeled", "unlabelled", "undefined", "missing", "no label", "not labeled", "not labelled"),
        *("skip", "skipped", "don't know", "dont know", "do not know", "i don't know", "dk", "can't say"),
        *("cannot say", "not sure", "unsure", "no answer", "no response", "no opinion", "not applicable"),
        *("prefer not to say", "prefer not to answer", "rather not say"),
        *("\\n", "(blank)", "(null)", "(none)", "(leer)", "#ref!", "#value!", "#name?", "#num!", "#div/0!"),
        *("#bezug!", "#wert!"),
        *("tbd", "todo", "to do", "unsorted", "rejected", "trash", "duplicates"),
        *("new folder", "untitled folder", "neuer ordner", "nouveau dossier"),
        *("weiß nicht", "keine angabe", "k.a.", "k. a.", "unbekannt", "ne sait pas", "sans réponse"),
    )
}
"""Words for "no label" in cells and names of folders, folded. "NA" is not among them: it is a label of the study."""


def warn_of_spanned_cells(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    """Warns of columns of texts that occur once each, above empty cells, as where spanned cells were exported."""
    for name in columns:
        cells = frame[name]
        filled = cells[cells != ""]
        few = _FEWEST <= len(filled) <= len(cells) / 2
        if few and cells.iloc[0] and filled.is_unique and to_numbers(filled).isna().all():
            fill = f"table[{name!r}] = table[{name!r}].mask(table[{name!r}] == '').ffill()"
            log.warning("column %r holds each of %d texts once, else nothing; if an empty cell means the one above, "
                        "in pandas: %s", name, len(filled), fill)  # fmt: skip


def missing_number(numbers: NDArray[np.float64]) -> float | None:
    """A number that is probably a code for a missing one, such as -1 or 99; None if there is none.

    It occurs several times, and is the only negative number, or further from all others than these are from each other.
    """
    values, counts = np.unique(numbers[np.isfinite(numbers)], return_counts=True)
    if len(values) < _NUMBERS:
        return None
    for index, others in ((0, values[1:]), (-1, values[:-1])):
        alone = values[index] < 0 <= others[0] if index == 0 else False
        far = abs(values[index] - others[index]) > others[-1] - others[0]
        if counts[index] >= _REPEATED and (alone or far):
            return float(values[index])
    return None


def is_missing_word(label: str) -> bool:
    """Whether a folded label is a word for "no label"."""
    return label.replace("’", "'") in _WORDS


def without_number(column: str, number: float, cells: Sequence[str] | None = None) -> str | None:
    """The override that leaves out the rows with a number in a column; None if there is none.

    Args:
        column: name of the column.
        number: what is left out.
        cells: all cells that mean the number, if others are no numbers, so that the column is text; None otherwise.
    """
    name = quoted_column(column)
    what = f"!= {number:g}" if cells is None else f"not in {_listed(cells)}"
    return None if name is None else override("data.where", f"{name} {what}")


def without_words(column: str, words: Sequence[str]) -> str | None:
    """The override that leaves out the rows with one of some folded words in a column; None if there is none."""
    name = quoted_column(column)
    return None if name is None else override("data.where", f"{name}.str.casefold() not in {_listed(words)}")


def _listed(texts: Sequence[str]) -> str:
    return json.dumps(list(texts), ensure_ascii=False)
