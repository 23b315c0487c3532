"""The pool of pictures without labels, free of copies of labelled works and of held-out artists."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotionart.data.artworks import Artworks
from emotionart.data.pictures.duplicates import duplicate_clusters
from emotionart.data.pictures.pixels import open_pictures
from emotionart.data.prepare import prepare_artworks
from emotionart.data.source import Source
from emotionart.data.tables.labels import OneClass
from emotionart.data.tables.names import share_artists
from emotionart.data.unlabelled import unlabelled_source
from emotionart.errors import UserError

log = logging.getLogger(__name__)

_HELD_OUT = ("validation", "test")
_SMALL = 32  # side in pixels; copy detection does not depend on it

BY_ARTIST = "by an artist of the validation or test part"
TWICE = "copies of other pictures without a label"


@dataclass(frozen=True)
class Pool:
    """Pictures without labels that a run may learn from.

    Attributes:
        artworks: the usable pictures, all in one class.
        pictures: number of readable pictures.
        taken_out: number of excluded pictures by reason.
        artists: whether the artist of any picture is known.
    """

    artworks: Artworks
    pictures: int
    taken_out: dict[str, int]
    artists: bool

    def digest(self) -> str:
        """A digest of the usable pictures."""
        return hashlib.blake2b("\n".join(self.artworks.picture).encode(), digest_size=16).hexdigest()


def read_pool(source: Source, labelled: Artworks, size: int, cache: Path) -> Pool:
    """Reads the pictures that `source.unlabelled` names, without those that a run must not learn from.

    Excluded are copies of test and validation works, whose pseudo-labels would leak them into training; works by the
    artists of these parts, if both tables name artists, since the split separates artists; copies of training works,
    whose labels are known; and all but one of several copies of each other.

    Args:
        source: source of the labelled artworks.
        labelled: the labelled artworks.
        size: side in pixels at which pictures are decoded.
        cache: cache folder, which runs share.

    Raises:
        UserError: for unreadable pictures, or if none is left.
    """
    every = prepare_artworks(unlabelled_source(source), OneClass(), size, cache, only="train")
    reason = _reasons(source, labelled, every, cache)
    taken_out = dict(sorted(Counter(reason[reason != ""].tolist()).items()))
    excluded = "; ".join(f"{count:,} {name}" for name, count in taken_out.items())
    if (reason != "").all():
        raise UserError(
            f"No picture is left to learn from without a label: of {len(reason):,} there are {excluded}.",
            where=f"data.unlabelled={source.unlabelled}",
            fix="other pictures, or without data.unlabelled",
        )
    log.info("%s pictures without labels; taken out: %s", f"{len(reason):,}", excluded or "none")
    return Pool(_take(every, np.flatnonzero(reason == "")), len(reason), taken_out, bool((every.group != "").any()))


def _reasons(source: Source, labelled: Artworks, every: Artworks, cache: Path) -> NDArray[np.object_]:
    """(n,) the reason why each picture is excluded; "" for usable ones."""
    paths = sorted({*labelled.image, *every.image})
    place = {path: row for row, path in enumerate(paths)}
    pictures = open_pictures(paths, _SMALL, cache, fit=source.fit)
    cluster = duplicate_clusters(pictures.id, pictures.phash, pictures.square, source.near_duplicates, cache)
    _, first, which = np.unique(pictures.id.astype(str), return_index=True, return_inverse=True)
    cluster = cluster[first[which]]  # the identical file is a copy, even without copy detection
    theirs, own = (cluster[[place[path] for path in works.image]] for works in (labelled, every))
    reason = np.full(len(own), "", dtype=object)
    reason[share_artists(every.group.tolist(), labelled.group[np.isin(labelled.part, _HELD_OUT)])] = BY_ARTIST
    for part in ("train", *_HELD_OUT):  # a copy of several parts counts as one of the test part
        reason[np.isin(own, theirs[labelled.part == part])] = copy_of(part)
    free = np.flatnonzero(reason == "")
    reason[np.delete(free, np.unique(own[free], return_index=True)[1])] = TWICE
    return reason


def copy_of(part: str) -> str:
    """The reason text for copies of a part's works."""
    return f"copies of works of the {'training' if part == 'train' else part} part"


def _take(artworks: Artworks, rows: NDArray[np.intp]) -> Artworks:
    arrays: dict[str, Any] = {
        name: values[rows]
        for name, values in vars(artworks).items()
        if isinstance(values, np.ndarray) and name != "pixels"
    }
    return replace(artworks, **arrays, tags=tuple(artworks.tags[row] for row in rows))
