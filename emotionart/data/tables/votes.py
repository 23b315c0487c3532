"""From the cells of a table to votes: the number for each label, however the table writes them down."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.cells import row_numbers, some
from emotionart.errors import UserError, suggest

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

Votes = tuple[tuple[str, ...], NDArray[np.float32], list[UserError]]
"""Labels, the votes for each (n, len(labels)), and what is wrong."""


def fold(label: str) -> str:
    """A label as it is compared: trimmed and case-folded."""
    return label.strip().casefold()


def match_columns(frame: pd.DataFrame, pattern: str) -> dict[str, str]:
    """The columns that a pattern with one star matches -> what stands in the star's place."""
    before, star, after = pattern.partition("*")
    ends = len(before) + len(after)
    return {
        name: name[len(before) : len(name) - len(after)].strip()
        for name in frame.columns
        if star and name.startswith(before) and name.endswith(after) and len(name) > ends
    }


def no_such_votes(frame: pd.DataFrame, pattern: str, path: Path) -> UserError:
    """The mistake of a pattern that matches no column."""
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
    frame: pd.DataFrame, votes: Mapping[str, str], number: NDArray[np.intp], count: int, path: Path
) -> Votes:
    """Votes of `count` artworks from columns that hold their numbers.

    Args:
        frame: the cells.
        votes: column -> label.
        number: of each row's artwork.
        count: artworks.
        path: of the table, for messages.
    """
    import pandas as pd

    names = list(votes)
    cells = frame[names]
    numbers = cells.apply(pd.to_numeric, errors="coerce").where(cells != "", 0.0)
    wrong = numbers.isna() | (numbers < 0) | ~np.isfinite(numbers)
    mistakes = []
    if wrong.to_numpy().any():
        name = names[int(wrong.any(axis=0).to_numpy().argmax())]
        bad = wrong.any(axis=1)
        mistakes.append(
            UserError(
                f"Votes must be numbers from 0; column {name!r} has others.",
                where=f"{path}: {row_numbers(frame.index[bad].tolist())}",
            )
        )
    histogram = np.zeros((count, len(names)), dtype=np.float32)
    np.add.at(histogram, number, numbers.where(~wrong, 0.0).to_numpy(dtype=np.float32))
    return tuple(fold(label) for label in votes.values()), histogram, mistakes


def count_labels(
    frame: pd.DataFrame, label: str, number: NDArray[np.intp], count: int, meaning: str, path: Path
) -> Votes:
    """Votes of `count` artworks from a column of labels.

    Args:
        frame: the cells.
        label: the column.
        number: of each row's artwork.
        count: artworks.
        meaning: "votes" where each row is a vote, "artworks" where the rows of one artwork must agree.
        path: of the table, for messages.
    """
    folded = frame[label].str.casefold()
    code, found = folded.factorize(sort=True)
    labels = tuple(name for name in found if name)
    if not labels:
        nothing = np.zeros((count, 0), dtype=np.float32)
        return (), nothing, [UserError(f"Column {label!r} is empty.", where=str(path))]
    histogram = np.zeros((count, len(found)), dtype=np.float32)
    np.add.at(histogram, (number, code), 1)
    histogram = histogram[:, [place for place, name in enumerate(found) if name]]
    mistakes = []
    if meaning == "artworks":
        disagree = np.flatnonzero((histogram > 0).sum(axis=1) > 1)
        if len(disagree):
            mistakes.append(
                UserError(
                    f"{len(disagree)} pictures have rows with different labels.",
                    where=f"{path}: {rows_of(frame, number, disagree)}",
                    fix="data.rows=votes   if each row is one person's vote; otherwise correct the table",
                )
            )
        repeated = int((histogram.sum(axis=1) > 1).sum())
        if repeated:
            log.info("%s: %d pictures have several rows; those that agree count once", path, repeated)
        histogram = np.minimum(histogram, 1)
    return labels, histogram, mistakes


def rows_of(frame: pd.DataFrame, number: NDArray[np.intp], artworks: NDArray[np.intp]) -> str:
    """The rows of each of some artworks, for a person."""
    named = [
        f"rows {' and '.join(str(row) for row in frame.index[number == artwork][:3])}" for artwork in artworks[:11]
    ]
    return some([*named, *[""] * (len(artworks) - len(named))])
