"""Labelled artworks with their split: everything a run needs to know about its data."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.annotation import Annotation
from emotionart.data.tables.labels import tied
from emotionart.data.tables.splits.given import Crossing
from emotionart.files import atomic_write

FEW_ARTWORKS = 20
"""Number of artworks below which a class is a warning.

A quarter of 20, the default test split, are 5. If a model is right on all 5, the 95 % interval of its recall is still
48 % to 100 % (Clopper and Pearson 1934).
"""

TIES_TOLERATED = 0.05
"""Fraction of artworks with tied votes, and thus a randomly drawn label, above which that is a warning."""

SPLITS = ("train", "validation", "test")


def rare_classes(classes: Sequence[str], label: NDArray[np.int64]) -> list[str]:
    """The classes of fewer than `FEW_ARTWORKS` artworks, each with their number: "joy 3"."""
    counts = np.bincount(label, minlength=len(classes))
    return [f"{name} {count}" for name, count in zip(classes, counts, strict=True) if count < FEW_ARTWORKS]


def caption(file: str, artist: str = "", title: str = "") -> str:
    """The caption of an artwork: its title and artist, if known, and its file."""
    return ", ".join(text for text in (title, artist, file) if text)


@dataclass(frozen=True)
class Artworks:
    """Labelled artworks, in the order of their table.

    Attributes:
        id: (n,) names that do not depend on a picture's location.
        picture: (n,) digests of the pictures' bytes.
        image: (n,) paths of the pictures.
        group: (n,) artists, "" if unknown.
        title: (n,) titles, "" if unknown.
        tags: (n,) case-folded tags of each artwork.
        classes: names of the K classes.
        counts: (n, K) float32, the artwork's votes for each class.
        votes: (n, K) float32, the counts normalised to a distribution over classes.
        voted: whether some artwork has more than one vote, or votes for several classes.
        annotation: meaning of the counts: votes of people, shares, flags or single labels.
        ordered: whether the classes have an order.
        target: (n, K) float32 training targets: `votes`, or the one-hot hard label.
        label: (n,) int64, the class with the most votes.
        part: (n,) "train", "validation" or "test".
        split_source: source of a split that comes with the data; None for a split made here.
        crossing: artists and copies of pictures in more than one part of a split that comes with the data.
        unit: (n,) numbers from 0 of the units that the split keeps together and intervals treat as one: an artist's
            works and copies of a picture.
        pixels: (N, size, size, 3) uint8, all pictures of the table, memory-mapped.
        row: (n,) each artwork's position in `pixels`.
        label_probability: (n, K) probability of each class to become the hard label; None unless the annotators' vote
            probabilities are known.
    """

    id: NDArray[np.object_]
    picture: NDArray[np.object_]
    image: NDArray[np.object_]
    group: NDArray[np.object_]
    title: NDArray[np.object_]
    tags: tuple[frozenset[str], ...]
    classes: tuple[str, ...]
    counts: NDArray[np.float32]
    votes: NDArray[np.float32]
    voted: bool
    annotation: Annotation
    ordered: bool
    target: NDArray[np.float32]
    label: NDArray[np.int64]
    part: NDArray[np.object_]
    split_source: str | None
    crossing: Crossing | None
    unit: NDArray[np.intp]
    pixels: NDArray[np.uint8]
    row: NDArray[np.intp]
    label_probability: NDArray[np.float64] | None

    def indices(self, part: str) -> NDArray[np.intp]:
        """(m,) positions of the artworks of one part."""
        return np.flatnonzero(self.part == part)

    def clusters(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """(m,) numbers, from 0 without gaps, of the units of the artworks at some positions (m,)."""
        return np.unique(self.unit[rows], return_inverse=True)[1].astype(np.intp)

    @property
    def people(self) -> bool:
        """Whether the counts are numbers of people who voted."""
        return self.annotation == "votes"

    def ties(self, part: str) -> int:
        """Number of artworks of one part whose votes are tied, so that their label was drawn at random."""
        return int(tied(self.counts[self.indices(part)]).sum())

    def digest(self) -> str:
        """A hash of the data: it changes with any picture, label or part."""
        digest = hashlib.blake2b(digest_size=16)
        for id, picture, part, votes in zip(self.id, self.picture, self.part, self.votes, strict=True):
            digest.update(f"{id}\t{picture}\t{part}\t".encode() + votes.tobytes())
        digest.update("\n".join(self.classes).encode())
        return digest.hexdigest()

    def write_split(self, path: Path) -> None:
        """Writes id, image, group, class, part, unit and title of each artwork as CSV, atomically."""
        with atomic_write(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "image", "group", "class", "part", "unit", "title"])
            for row in range(len(self.id)):
                label, part = self.classes[self.label[row]], self.part[row]
                about = [self.id[row], self.image[row], self.group[row], label, part, self.unit[row], self.title[row]]
                writer.writerow(about)
