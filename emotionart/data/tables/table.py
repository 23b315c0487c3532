"""Artwork tables: one row per artwork, with its picture, its votes, tags and artist."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.annotation import Annotation
from emotionart.data.tables.splits.given import GivenSplit
from emotionart.errors import UserError

PORTRAIT = "portrait"
"""Column in which `emotionart data curate` writes "yes", "no" or "doubtful"."""


@dataclass(frozen=True)
class ArtworkTable:
    """One row per artwork, in the order of first appearance in the source.

    Attributes:
        image: (n,) absolute paths, as str.
        labels: raw label names, trimmed and case-folded, sorted.
        votes: (n, len(labels)) votes for each raw label; all zeros for unlabelled artworks.
        group: (n,) artists, "" if unknown.
        tags: (n,) case-folded tags.
        title: (n,) titles, "" if unknown; None for a source without titles.
        id: (n,) ids from a column; None to derive them from the pictures' bytes.
        vote_probability: (n, len(labels)) probability of each raw label in one vote, known for the built-in gallery;
            otherwise None.
        portrait: (n,) whether a curated table marks the artwork as a portrait; None if the table does not say.
        annotation: meaning of the numbers in `votes`.
        measurement: (n,) the label as a number, NaN if missing; None if labels are not numbers. A measured column, with
            fractions or nearly as many numbers as artworks, has no raw labels.
        split: the split that comes with the data, or None.
    """

    image: NDArray[np.object_]
    labels: tuple[str, ...]
    votes: NDArray[np.float32]
    group: NDArray[np.object_]
    tags: tuple[frozenset[str], ...]
    title: NDArray[np.object_] | None = None
    id: NDArray[np.object_] | None = None
    vote_probability: NDArray[np.float64] | None = None
    portrait: NDArray[np.bool_] | None = None
    annotation: Annotation = "labels"
    measurement: NDArray[np.float64] | None = None
    split: GivenSplit | None = None

    def __len__(self) -> int:
        return len(self.image)

    def ids(self, pictures: NDArray[np.object_]) -> NDArray[np.object_]:
        """(n,) ids of the artworks: from the column if there is one, or else those of their pictures (n,)."""
        return pictures if self.id is None else self.id

    def take(self, rows: NDArray[np.intp]) -> ArtworkTable:
        """The artworks at these positions."""
        return replace(
            self,
            image=self.image[rows],
            votes=self.votes[rows],
            group=self.group[rows],
            tags=tuple(self.tags[row] for row in rows),
            title=None if self.title is None else self.title[rows],
            id=None if self.id is None else self.id[rows],
            vote_probability=None if self.vote_probability is None else self.vote_probability[rows],
            portrait=None if self.portrait is None else self.portrait[rows],
            measurement=None if self.measurement is None else self.measurement[rows],
            split=None if self.split is None else self.split.take(rows),
        )


@dataclass(frozen=True)
class Examined:
    """A table and all its mistakes.

    Attributes:
        table: the readable part of the table; None if a column is missing or no picture is named.
        mistakes: all errors for which `read_table` would refuse it.
        line: (n,) number of each artwork's first row.
    """

    table: ArtworkTable | None
    mistakes: tuple[UserError, ...]
    line: NDArray[np.intp]
