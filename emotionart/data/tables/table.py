"""Artwork tables: one row per artwork, with its picture, its votes, tags and artist."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.annotation import Annotation
from emotionart.data.tables.given_split import GivenSplit
from emotionart.errors import UserError

PORTRAIT = "portrait"
"""The column in which `emotionart data curate` says "yes", "no" or "doubtful"."""


@dataclass(frozen=True)
class ArtworkTable:
    """One row per artwork, in the order of first appearance in the source.

    Attributes:
        image: (n,) absolute paths, as str.
        labels: raw label names, trimmed and case-folded, sorted.
        votes: (n, len(labels)) votes for each raw label; a row of zeros is unlabelled.
        group: (n,) artists, "" where there is none.
        tags: (n,) case-folded tags.
        id: (n,) ids from a column, or None: then the picture's bytes give the id.
        vote_probability: (n, len(labels)) probability of each raw label in one vote, where it is known (the built-in
            gallery), else None.
        portrait: (n,) whether a curated table says that it is one, or None where the table does not say.
        annotation: what the numbers in `votes` are.
        measurement: (n,) the label as a number, NaN where there is none; None where labels are no numbers. A measured
            column, with a fraction or nearly as many numbers as artworks, has no raw labels.
        split: that the data bring, or None.
    """

    image: NDArray[np.object_]
    labels: tuple[str, ...]
    votes: NDArray[np.float32]
    group: NDArray[np.object_]
    tags: tuple[frozenset[str], ...]
    id: NDArray[np.object_] | None = None
    vote_probability: NDArray[np.float64] | None = None
    portrait: NDArray[np.bool_] | None = None
    annotation: Annotation = "labels"
    measurement: NDArray[np.float64] | None = None
    split: GivenSplit | None = None

    def __len__(self) -> int:
        return len(self.image)

    def ids(self, pictures: NDArray[np.object_]) -> NDArray[np.object_]:
        """Ids of the artworks, (n,): the column's if there is one, else those of their pictures (n,)."""
        return pictures if self.id is None else self.id

    def take(self, rows: NDArray[np.intp]) -> ArtworkTable:
        """The artworks at these positions."""
        return replace(
            self,
            image=self.image[rows],
            votes=self.votes[rows],
            group=self.group[rows],
            tags=tuple(self.tags[row] for row in rows),
            id=None if self.id is None else self.id[rows],
            vote_probability=None if self.vote_probability is None else self.vote_probability[rows],
            portrait=None if self.portrait is None else self.portrait[rows],
            measurement=None if self.measurement is None else self.measurement[rows],
            split=None if self.split is None else self.split.take(rows),
        )


@dataclass(frozen=True)
class Examined:
    """A table with everything that is wrong with it.

    Attributes:
        table: what could be read; None where a column is missing or no picture is named.
        mistakes: what `read_table` would refuse, all of it.
        line: (n,) number of each artwork's first row.
    """

    table: ArtworkTable | None
    mistakes: tuple[UserError, ...]
    line: NDArray[np.intp]
