"""Votes for each label from the cells of a table, in any notation."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.annotation import (
    Annotation,
    annotation_kind,
    are_ratings,
    log_class_names,
    warn_of_repeated_votes,
)
from emotionart.data.tables.layouts.layout import Layout
from emotionart.data.tables.meaning.label_columns import (
    count_nobody,
    own_names,
    require_votes,
    warn_of_codes,
    warn_of_reversed,
)
from emotionart.data.tables.meaning.missing_codes import is_missing_word, missing_number, without_number
from emotionart.data.tables.meaning.numerals import as_numbers, log_thousands, one_spelling
from emotionart.data.tables.meaning.several_labels import Apart, take_apart, warn_of_joined_numbers, without_entities
from emotionart.data.tables.meaning.weights import may_rate, weigh_rows, weight_column
from emotionart.data.tables.measurement import is_measured, numbers_of
from emotionart.data.tables.wording import row_group, row_numbers, some
from emotionart.errors import UserError, suggest

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_MANY = 20  # up to this number, distinct texts count as classes, however few rows there are
_NUMBERS = 3  # fewer different numbers may be names, such as years
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufe0e\ufe0f\ufeff"  # also what makes a sign an emoji


@dataclass(frozen=True)
class Counted:
    """Votes for the labels of n artworks, as read from cells.

    Attributes:
        labels: folded label names.
        votes: (n, len(labels)) votes for each label.
        annotation: meaning of these numbers.
        measurement: (n,) the label as a number; None if labels are not numbers.
        mistakes: errors found.
    """

    labels: tuple[str, ...]
    votes: NDArray[np.float32]
    annotation: Annotation = "labels"
    measurement: NDArray[np.float64] | None = None
    mistakes: tuple[UserError, ...] = ()


def fold(label: str) -> str:
    """A label for comparison: case-folded, with single spaces and normalised Unicode."""
    return " ".join(unicodedata.normalize("NFC", label.casefold()).split()).strip(_INVISIBLE)


def log_spellings(labels: Iterable[str]) -> None:
    """Logs which labels are treated as equal because `fold` makes them so."""
    ways: dict[str, list[str]] = {}
    for label in dict.fromkeys(labels):
        ways.setdefault(fold(label), []).append(label)
    several = [" = ".join(map(repr, names)) for names in ways.values() if len(names) > 1]
    if several:
        log.info("labels that differ in case or spaces alone are one: %s", some(several))


def match_columns(frame: pd.DataFrame, pattern: str) -> dict[str, str]:
    """Columns that match a pattern with one star -> the text matched by the star."""
    before, star, after = pattern.partition("*")
    ends = len(before) + len(after)
    return {
        name: name[len(before) : len(name) - len(after)].strip()
        for name in frame.columns
        if star and name.startswith(before) and name.endswith(after) and len(name) > ends
    }


def no_such_votes(frame: pd.DataFrame, pattern: str, path: Path) -> UserError:
    """The error for a pattern that matches no column."""
    if pattern.count("*") != 1:
        return UserError(
            f"data.votes is a list of columns, or a pattern with one star, not {pattern!r}.",
            where=str(path),
            suggestions=suggest(pattern, frame.columns),
            fix=f"data.votes=[{pattern}]",
        )
    close = suggest(pattern, frame.columns) or list(frame.columns[:5])
    return UserError(f"The table has no column like {pattern!r}.", where=str(path), suggestions=close)


def sum_columns(
    frame: pd.DataFrame, votes: Mapping[str, str], number: NDArray[np.intp], count: int, layout: Layout, path: Path
) -> Counted:
    """Votes of `count` artworks from columns of numbers, or of flags as text.

    Args:
        frame: the cells.
        votes: column -> label.
        number: number of each row's artwork.
        count: number of artworks.
        layout: layout of the table.
        path: path of the table, for messages.
    """
    names = list(votes)
    log_thousands(frame[names])
    numbers, wrong = as_numbers(frame[names])
    named = wrong & own_names(frame[names], votes, fold)
    numbers, wrong = np.where(named, 1, numbers), wrong & ~named
    mistakes = []
    bad = np.asarray(wrong.any(axis=1), dtype=bool)
    if bad.any():
        index = int(wrong.any(axis=0).argmax())
        cell = frame.loc[wrong[:, index], names[index]].iloc[0]
        mistakes.append(
            UserError(
                f"Votes must be numbers from 0; column {names[index]!r} has others, such as {cell[:60]!r}.",
                where=f"{path}: {row_numbers(frame.index[bad].tolist())}",
                fix=f"empty cells in place of {cell!r}" if is_missing_word(fold(cell)) else None,
            )
        )
    elif layout.annotation is None:
        mistakes += require_votes(numbers, names, path)
        warn_of_codes(numbers, path)
    warn_of_reversed(names)
    log_spellings(votes.values())
    labels = tuple(dict.fromkeys(map(fold, votes.values())))
    rows = np.zeros((len(frame), len(labels)), dtype=np.float32)
    for index, label in enumerate(votes.values()):
        rows[:, labels.index(fold(label))] += np.where(wrong, 0, numbers)[:, index]
    histogram = np.zeros((count, len(labels)), dtype=np.float32)
    np.add.at(histogram, number, rows)
    kind = "shares" if are_ratings(rows) else annotation_kind(rows, len(rows) > count)
    kind = "shares" if kind == "votes" and count_nobody(names) else kind
    return Counted(labels, histogram, layout.annotation or kind, mistakes=tuple(mistakes))


def count_labels(
    frame: pd.DataFrame, label: str, number: NDArray[np.intp], count: int, layout: Layout, path: Path
) -> Counted:
    """Votes of `count` artworks from a column of labels.

    Args:
        frame: the cells.
        label: name of the label column.
        number: number of each row's artwork.
        count: number of artworks.
        layout: layout of the table.
        path: path of the table, for messages.
    """
    cells = frame[label]
    nothing = np.zeros((count, 0), dtype=np.float32)
    if (cells == "").all():
        return Counted((), nothing, mistakes=(UserError(f"Column {label!r} is empty.", where=str(path)),))
    cells = _known_numbers(without_entities(cells, label), label)
    numbers = None if layout.label_separator is not None else numbers_of(cells)
    if numbers is not None:
        log_thousands(cells.to_frame())
    try:
        apart = _apart(cells, number, numbers is not None, label, layout, path)
    except UserError as error:
        return Counted((), nothing, mistakes=(error,))
    if numbers is None and not apart.counted and layout.label_separator is None:
        numbers = numbers_of(apart.labels)  # lists with one number each
    if numbers is not None:
        _warn_of_code(numbers, cells, frame[label], label)
    measurement = None if numbers is None else _mean(numbers, number, count)
    if numbers is not None and is_measured(numbers):
        warn_of_joined_numbers(cells, label)
        return Counted((), nothing, measurement=measurement)
    if numbers is not None:
        log_class_names(frame, label)
        apart = replace(apart, labels=one_spelling(apart.labels, numbers))
    spelt = apart.labels.unique()
    log_spellings(spelt)
    code, distinct = apart.labels.map({label: fold(label) for label in spelt}).factorize(sort=True)
    if len(distinct) > max(_MANY, len(apart.labels) / 2):
        many = f"Column {label!r} holds {len(distinct):,} different labels in {len(cells):,} rows: it names no classes."
        return Counted((), nothing, mistakes=(UserError(many, where=f"{path}: {some(list(distinct), 3)}"),))
    if layout.rows == "votes":
        warn_of_repeated_votes(frame, number)
    weights, mistakes = weigh_rows(frame, layout, path)
    if layout.weight is None:
        weights = apart.weight
    elif len(apart.labels) > len(cells) or apart.counted:
        weights = apart.weight
        mistakes.append(UserError("data.weight goes with one label in a cell.", where="data.weight"))
    histogram = np.zeros((count, len(distinct)), dtype=np.float32)
    rows = np.zeros_like(histogram)
    np.add.at(histogram, (apart.number, code), weights)
    np.add.at(rows, (apart.number, code), 1)
    named = [index for index, name in enumerate(distinct) if name]
    labels, histogram = tuple(str(distinct[index]) for index in named), histogram[:, named]
    if layout.rows == "artworks" and layout.label_separator is None and not apart.counted:
        mistakes += _contradictions(frame, histogram, number, path)
        histogram = np.minimum(histogram, 1)
    mean = histogram / np.maximum(rows[:, named], 1)
    annotation = layout.annotation or _annotation(histogram, mean, layout, apart.counted)
    return Counted(labels, histogram, annotation, measurement, tuple(mistakes))


def _known_numbers(cells: pd.Series[str], label: str) -> pd.Series[str]:
    """The cells; if they are numbers and words for "no label", which are logged, with empty ones in place of words."""
    words = cells.map({cell: is_missing_word(fold(cell)) or fold(cell) == "na" for cell in cells.unique()})
    numbers = numbers_of(cells[~words]) if 0 < 2 * words.sum() < len(cells) else None
    if numbers is None or len(np.unique(numbers[np.isfinite(numbers)])) < _NUMBERS:
        return cells
    named = some([f"{word!r} ({count})" for word, count in cells[words].value_counts().items()])
    log.warning("column %r holds numbers, and for missing ones %s; these rows have no label", label, named)
    return cells.mask(words, "")


def _warn_of_code(numbers: NDArray[np.float64], cells: pd.Series[str], raw: pd.Series[str], label: str) -> None:
    """Warns of a number that is probably a code for a missing one.

    Args:
        numbers: (n,) the labels as numbers, NaN without one.
        cells: (n,) the cells that hold them.
        raw: (n,) the same, with words for "no label".
        label: name of the column.
    """
    code = missing_number(numbers)
    if code is None:
        return
    coded = None if numbers_of(raw) is not None else cells[numbers == code].unique().tolist()
    log.warning("column %r: is %g a code for a missing number? It stands apart from all others; to leave it out: %s",
                label, code, without_number(label, code, coded) or "empty cells in its place")  # fmt: skip


def _apart(
    cells: pd.Series[str], number: NDArray[np.intp], numeric: bool, label: str, layout: Layout, path: Path
) -> Apart:
    """The labels of each cell; if all are numbers or declared to be single labels, the cells themselves."""
    if numeric or layout.several_labels == "one":
        return Apart(cells, number, np.ones(len(cells)), counted=False)
    return take_apart(cells, number, layout.label_separator, layout.several_labels == "first", label, path)


def _annotation(votes: NDArray[np.float32], mean: NDArray[np.floating], layout: Layout, counted: bool) -> Annotation:
    """The kind of annotation of the (n, K) sums of weights, and mean weights, of each label's rows."""
    if layout.weight is not None or counted:
        rated = layout.weight is not None and may_rate(layout.weight) and are_ratings(mean)
        return "shares" if rated else annotation_kind(votes, several_rows=False)
    if not (votes.sum(axis=1) > 1).any():
        return "labels"
    if layout.label_separator is not None and layout.several_labels == "votes":
        return "votes" if layout.rows == "artworks" and (votes > 1).any() else "flags"
    return "votes"


def _mean(numbers: NDArray[np.float64], number: NDArray[np.intp], count: int) -> NDArray[np.float64]:
    """(count,) mean of each artwork's numbers, NaN without numbers."""
    finite = np.isfinite(numbers)
    total = np.bincount(number[finite], numbers[finite], minlength=count)
    rows = np.bincount(number[finite], minlength=count)
    mean: NDArray[np.float64] = np.divide(total, rows, out=np.full(count, np.nan), where=rows > 0)
    return mean


def _contradictions(
    frame: pd.DataFrame, histogram: NDArray[np.float32], number: NDArray[np.intp], path: Path
) -> list[UserError]:
    """Errors for artworks with contradictory rows, in tables with one row per artwork."""
    repeated = int((histogram.sum(axis=1) > 1).sum())
    if repeated:
        log.info("%s: %d pictures have several rows; those that agree count once", path, repeated)
    disagree = np.flatnonzero((histogram > 0).sum(axis=1) > 1)
    if not len(disagree):
        return []
    weight = weight_column(frame)
    return [
        UserError(
            f"{len(disagree)} pictures have rows with different labels.",
            where=f"{path}: {rows_of(frame, number, disagree)}",
            fix="data.rows=votes   if each row is one person's vote; otherwise correct the table"
            if weight is None
            else f"data.rows=votes data.weight={weight}   which is how much each row counts",
        )
    ]


def rows_of(frame: pd.DataFrame, number: NDArray[np.intp], artworks: NDArray[np.intp]) -> str:
    """Row numbers of some artworks as text."""
    named = [row_group(frame.index[number == artwork].tolist()) for artwork in artworks[:11]]
    return some([*named, *[""] * (len(artworks) - len(named))])
