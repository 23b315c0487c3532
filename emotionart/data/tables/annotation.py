"""Kinds of annotation: votes, shares, flags and single labels, of which only votes count people."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.meaning.numerals import to_numbers
from emotionart.data.tables.wording import row_numbers, some
from emotionart.quoting import override

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

Annotation = Literal["labels", "votes", "shares", "flags"]
"""Meaning of the numbers of an artwork's labels.

- `labels`: one label, from an unknown number of people;
- `votes`: number of people who named each label, one label per person;
- `shares`: fraction of an unknown number of people who named it, or a score;
- `flags`: whether a label applies; several may.
"""

PERSONS = {"annotator", "coder", "participant", "rater", "respondent", "subject", "voter", "worker"}
"""Words in the names of columns that say who voted."""

_ANSWERS = {"answer", "choice", "emotion", "label", "rating", "response", "score", "vote"}
"""Words in the names of columns that hold what one person said."""

A_ROW_FOR_EACH_VOTE = (
    'a row for each vote ("A column for each annotator" in docs/other-layouts.md), then data.rows=votes'
)
"""The fix for a table with a column of labels for each annotator."""

_FEW_LABELS = 20
_SHARED = 3  # labels that columns of any names have in common, if they are those of annotators
_MOSTLY = 0.6  # and their share of all labels of both
_PERCENT = 100
_HIGHEST_RATING = 10
_FEW = 20  # fewer rows than this prove nothing

DESCRIPTIONS: dict[Annotation, str] = {
    "labels": "a single label for each artwork",
    "votes": "votes of people",
    "shares": "shares or scores; how many people gave them is not known",
    "flags": "flags (0 or 1); how many people set them is not known",
}


def annotation_kind(rows: NDArray[np.floating], several_rows: bool) -> Annotation:
    """Kind of annotation, judged by the numbers themselves.

    Args:
        rows: (m, K) numbers of each row of a table.
        several_rows: whether artworks have several of these rows.
    """
    totals = rows.sum(axis=1)
    percent = np.abs(totals - _PERCENT) <= rows.shape[1] / 2  # percentages, each of them rounded
    if (rows != np.rint(rows)).any() or (percent | (totals == 0)).all():
        return "shares"
    if rows.max(initial=0) > 1:
        return "votes"
    return "votes" if several_rows and (totals <= 1).all() else "flags"


def are_ratings(rows: NDArray[np.floating]) -> bool:
    """Whether every label of every row has a rating from 1 to 10.

    Of votes, some would be 0, or all rows would have as many.

    Args:
        rows: (m, K) numbers of each row of a table.
    """
    enough = len(rows) >= _FEW and rows.shape[1] > 2
    as_many = len(np.unique(rows.sum(axis=1))) == 1
    return bool(enough and not as_many and rows.min() >= 1 and 1 < rows.max() <= _HIGHEST_RATING)


def annotator_columns(frame: pd.DataFrame) -> list[str]:
    """Columns that hold the labels of one annotator each, such as "annotator_1" and "rater b"; empty without any.

    Their names differ in a number or a final letter, and they share some of their few labels. Numbers are labels only
    where the names speak of persons; otherwise, they may be votes. Columns of any names are those of annotators if they
    share most of their labels ("Anna", "Bernd").

    Args:
        frame: the cells.
    """
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for name in frame.columns:
        stem = re.sub(r"\d+|(?<![a-z])[a-z]$", "#", name.casefold()).rstrip("# _.-")  # also of the first, bare
        alike[stem].append(name)
    for stem, names in alike.items():
        words = {word.removesuffix("s") for word in re.findall(r"[a-z]+", stem)}
        if len(names) < 2 or not words or not words <= PERSONS | _ANSWERS:
            continue
        labels = [set(frame[name]) - {""} for name in names]
        together = set.union(*labels)
        numeric = any(to_numbers(frame[name]).notna().any() for name in names)
        if (words & PERSONS or not numeric) and len(together) <= min(_FEW_LABELS, sum(map(len, labels)) - 1):
            return names
    return _of_the_same_labels(frame)


def _of_the_same_labels(frame: pd.DataFrame) -> list[str]:
    """The columns of texts that share most of their labels with the first such column, and differ from it somewhere."""
    import pandas as pd

    labels = {}
    for name in frame.columns:
        found = {cell.casefold() for cell in frame[name].unique()} - {""}
        if (
            _SHARED <= len(found) <= min(_FEW_LABELS, len(frame) // 2)
            and to_numbers(pd.Series(sorted(found))).isna().all()
        ):
            labels[name] = found
    for name, own in labels.items():
        alike = [other for other, found in labels.items() if _SHARED <= len(own & found) >= _MOSTLY * len(own | found)]
        if any((frame[other].str.casefold() != frame[name].str.casefold()).any() for other in alike):
            return alike
    return []


def warn_of_other_annotators(frame: pd.DataFrame, label: str) -> None:
    """Warns of the columns of other annotators' labels, which are not used if only one of them is the label column."""
    names = annotator_columns(frame)
    if label in names:
        others = some([repr(name) for name in names if name != label])
        log.warning("column %r seems to hold the labels of one annotator, and those of others are not used: %s; to use "
                    "them: %s", label, others, A_ROW_FOR_EACH_VOTE)  # fmt: skip


def log_class_names(frame: pd.DataFrame, label: str) -> None:
    """Logs a column with one name for each number of the label column, such as "label_name" beside "label"."""
    numbers = frame[label][frame[label] != ""]
    classes = numbers.nunique()
    for name in frame.columns:
        cells = frame.loc[numbers.index, name]
        pairs = frame.loc[numbers.index, [label, name]].drop_duplicates()
        if name == label or len(pairs) != classes or cells.nunique() != classes or classes < 2:
            continue
        if (cells != "").all() and to_numbers(cells).isna().all():
            log.info("column %r has a name for each number in column %r; for classes with names: %s", name, label,
                     override("data.label", name))  # fmt: skip
            return


def warn_of_repeated_votes(frame: pd.DataFrame, number: NDArray[np.intp]) -> None:
    """Warns of people who named labels of one artwork in several rows, each of which counts as a vote.

    People are known by a column such as "annotator" or "worker_id". Where most rows are repetitions, it is a column of
    something else.

    Args:
        frame: the cells, a row for each vote.
        number: number of each row's artwork.
    """
    for name in frame.columns:
        if not PERSONS & {word.removesuffix("s") for word in re.findall(r"[a-z]+", str(name).casefold())}:
            continue
        votes = frame[[name]].assign(artwork=number)[(frame[name] != "").to_numpy()]
        repeated = votes.index[votes.duplicated()].tolist()
        if repeated and 2 * len(repeated) <= len(votes):
            log.warning(
                "%d rows repeat the person in column %r for the same picture, and each counts as a further vote: %s",
                len(repeated), name, row_numbers(repeated),
            )  # fmt: skip
