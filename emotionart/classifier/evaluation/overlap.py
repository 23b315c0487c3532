"""Finds artworks of another table that a run has learnt from, by their id, their picture or a copy of it."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotionart.data.artworks import Artworks
from emotionart.data.pictures.duplicates import duplicate_clusters
from emotionart.data.pictures.pixels import open_pictures
from emotionart.data.source import Source
from emotionart.data.tables.names import share_artists
from emotionart.run.folder import RunFolder
from emotionart.run.split import read_split

_LEARNT = ("train", "validation")


@dataclass(frozen=True)
class Overlap:
    """The overlap of n artworks with the training and validation parts of a run.

    Attributes:
        same: (n,) whether the artwork or the identical picture is in them.
        copy: (n,) whether a copy of its picture is in them, but not itself.
        artist: (n,) whether works of its artist are in them.
        validation: (n,) whether the run has learnt from the artwork for validation only.
        tested: (n,) whether the run itself was tested on the artwork.
        missing: number of the run's pictures that no longer exist, whose copies cannot be recognised.
    """

    same: NDArray[np.bool_]
    copy: NDArray[np.bool_]
    artist: NDArray[np.bool_]
    validation: NDArray[np.bool_]
    tested: NDArray[np.bool_]
    missing: int

    @property
    def learnt(self) -> NDArray[np.bool_]:
        """(n,) whether the run has learnt from the artwork."""
        return self.same | self.copy


def find_overlap(run: RunFolder, artworks: Artworks, source: Source, cache: Path) -> Overlap:
    """Compares artworks with those that a run was trained or validated on.

    Args:
        run: run folder with a `split.csv`.
        artworks: artworks of another table.
        source: their source, which defines how similar copies are.
        cache: cache folder of decoded pictures and copies.
    """
    split = read_split(run)
    exists = np.array([Path(path).is_file() for path in split["image"]], dtype=bool)
    learnt, tested = split["part"].isin(_LEARNT), split["part"] == "test"
    there, others = split[learnt & exists], split[tested & exists]
    images = [*there["image"], *artworks.image, *others["image"]]
    pictures = open_pictures(images, artworks.pixels.shape[1], cache, fit=source.fit)
    ours, count = len(there), len(there) + len(artworks.id)
    cluster = duplicate_clusters(
        pictures.id[:count], pictures.phash[:count], pictures.square[:count], source.near_duplicates, cache
    )

    def in_parts(parts: Sequence[str]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """(n,) whether each artwork is in these parts of the split, and whether a copy of its picture is."""
        here = there["part"].isin(parts).to_numpy(dtype=bool)
        same = _any_of(artworks, {*split["id"][split["part"].isin(parts)], *pictures.id[:ours][here]})
        return same, np.isin(cluster[ours:], cluster[:ours][here])

    same, copied = in_parts(_LEARNT)
    trained = np.logical_or(*in_parts(["train"]))
    return Overlap(
        same,
        copied & ~same,
        share_artists(artworks.group.tolist(), split["group"][learnt]),
        (same | copied) & ~trained,
        _any_of(artworks, {*split["id"][tested], *pictures.id[count:]}),
        int((learnt & ~exists).sum()),
    )


def _any_of(artworks: Artworks, names: Container[str]) -> NDArray[np.bool_]:
    """(n,) whether the id or the picture of each artwork is one of these."""
    pairs = zip(artworks.id, artworks.picture, strict=True)
    return np.array([id in names or picture in names for id, picture in pairs], dtype=bool)
