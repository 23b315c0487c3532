"""Labelled artworks with their split: everything a run needs to know about its data."""

from __future__ import annotations

import csv
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotionart.data.pictures.duplicates import are_many_copies, describe_duplicates, duplicate_clusters
from emotionart.data.pictures.pixels import open_pictures, require_readable
from emotionart.data.source import Source
from emotionart.data.tables.annotation import Annotation
from emotionart.data.tables.given_split import Crossing, crossing, describe_given
from emotionart.data.tables.labels import Grouping, OneClass, hard_labels, raw_labels, require_two_classes, tied
from emotionart.data.tables.measurement import Quantiles
from emotionart.data.tables.split import describe_split, join_units
from emotionart.data.tables.table import ArtworkTable
from emotionart.data.tables.wording import some
from emotionart.statistics.annotators.ceilings import win_probabilities

log = logging.getLogger(__name__)

_LARGE_CLUSTER = 0.02  # fraction of all pictures above which a cluster of near-duplicates is a warning

FEW_ARTWORKS = 20
"""Number of artworks below which a class is a warning.

A quarter of 20, the default test split, are 5. If a model is right on all 5, the 95 % interval of its recall is still
48 % to 100 % (Clopper and Pearson 1934).
"""

TIES_TOLERATED = 0.05
"""Fraction of artworks with tied votes, and thus a randomly drawn label, above which that is a warning."""

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Artworks:
    """Labelled artworks, in the order of their table.

    Attributes:
        id: (n,) names that do not depend on a picture's location.
        picture: (n,) digests of the pictures' bytes.
        image: (n,) paths of the pictures.
        group: (n,) artists, "" if unknown.
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
        """Writes id, image, group, class, part and unit of each artwork as CSV."""
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "image", "group", "class", "part", "unit"])
            for row in range(len(self.id)):
                label = self.classes[self.label[row]]
                writer.writerow([self.id[row], self.image[row], self.group[row], label, self.part[row], self.unit[row]])


def prepare_artworks(
    source: Source, grouping: Grouping | Quantiles | OneClass, size: int, cache: Path, *, only: str | None = None
) -> Artworks:
    """Reads, checks, groups and splits the artworks of `source`, and decodes their pictures at `size` pixels.

    Args:
        source: source of the artworks.
        grouping: grouping of labels into classes.
        size: side of the decoded pictures in pixels.
        cache: folder of files kept between runs.
        only: puts all artworks into this part, such as "test", instead of splitting them; of a split that comes with
            the data, only this part is kept. None splits them.

    Raises:
        UserError: for a mistake in the table, its labels, its pictures or its split.
    """
    table = source.artworks(cache)
    if only is None and isinstance(grouping, Grouping):
        for hint in grouping.hints(table, source.leave_out):
            log.warning(hint)
    classes, histogram = grouping.group(table)
    pictures = open_pictures(list(table.image), size, cache, fit=source.fit)
    readable = require_readable(list(table.image), pictures, source.on_bad)
    ids = table.ids(pictures.id)

    labelled = histogram.sum(axis=1) > 0
    if not labelled.all():
        log.info("%d of %d artworks have no label and are left out", np.count_nonzero(~labelled), len(labelled))
    listed = _listed(table, only)
    keep = np.flatnonzero(readable & labelled & listed)
    if len(keep) == 0:
        raise source.nothing_labelled()

    cluster = duplicate_clusters(pictures.id, pictures.phash, pictures.square, source.near_duplicates, cache)[keep]
    if source.near_duplicates is not None:
        _log_duplicates(cluster)
    id, group = ids[keep], table.group[keep]
    unit = join_units(id, group, cluster)
    kept = table.take(keep)
    part = np.full(len(keep), only, dtype=object) if only else source.divide(kept, id, cluster)
    if (drawn := part != "").sum() < len(part):
        log.info("%d artworks are left out (data.train_count)", np.count_nonzero(~drawn))
        keep, id, group, unit, cluster, part = (values[drawn] for values in (keep, id, group, unit, cluster, part))
        kept = table.take(keep)
    if isinstance(grouping, Quantiles):  # classes are quantiles of the training part
        training = np.zeros(len(table), dtype=bool)
        training[keep[part == "train"]] = True
        classes, histogram = grouping.group(table, training)
    counts = histogram[keep]
    label = hard_labels(counts, id)
    both_sides = None
    if only is None:
        if not isinstance(grouping, OneClass):
            require_two_classes(classes, label, raw_labels(kept, id), source.other_labels)
        if kept.split is not None:
            both_sides = crossing(part, group, cluster)
            for line in describe_given(kept.split, both_sides):
                log.info(line)
        shares = source.shares if kept.split is None and source.train_count is None else None
        for line in describe_split(part, label, classes, len(np.unique(unit)), shares):
            log.info(line)
        _warn_of_rare_classes(classes, label)
    ties = int(tied(counts).sum())
    if ties:
        level = logging.WARNING if ties > TIES_TOLERATED * len(counts) else logging.INFO
        log.log(
            level,
            "%d of %d artworks have tied votes; their label is drawn at random",
            ties,
            len(counts),
        )

    votes = (counts / counts.sum(axis=1, keepdims=True)).astype(np.float32)
    one_hot = np.eye(len(classes), dtype=np.float32)[label]
    return Artworks(
        id=id,
        picture=pictures.id[keep],
        image=np.asarray(table.image, dtype=object)[keep],
        group=group,
        tags=kept.tags,
        classes=classes,
        counts=counts,
        votes=votes,
        voted=bool((counts.sum(axis=1) > 1).any() or ((counts > 0).sum(axis=1) > 1).any()),
        annotation=table.annotation,
        ordered=grouping.ordered,
        target=votes if grouping.target == "votes" else one_hot,
        label=label,
        part=part,
        split_source=None if both_sides is None or kept.split is None else kept.split.source,
        crossing=both_sides,
        unit=unit,
        pixels=pictures.pixels,
        row=keep,
        label_probability=_label_probability(table.vote_probability, table.labels, grouping, counts, keep),
    )


def _listed(table: ArtworkTable, only: str | None) -> NDArray[np.bool_]:
    """(n,) whether a split that comes with the data lists each artwork: in any part, or in `only`."""
    if table.split is None:
        return np.full(len(table), True)
    listed: NDArray[np.bool_] = table.split.part == only if only else table.split.part != ""
    if not listed.all():
        where = f"not in the {only} part" if only else "in no part"
        log.warning("%d artworks are %s of the given split and are left out", np.count_nonzero(~listed), where)
    return listed


def _warn_of_rare_classes(classes: Sequence[str], label: NDArray[np.int64]) -> None:
    members = np.bincount(label, minlength=len(classes))
    rare = [f"{name} ({count})" for name, count in zip(classes, members, strict=True) if count < FEW_ARTWORKS]
    if rare:
        log.warning("Classes of fewer than %d artworks are hard to learn: %s", FEW_ARTWORKS, some(rare))


def _log_duplicates(cluster: NDArray[np.intp]) -> None:
    log.log(logging.WARNING if are_many_copies(cluster) else logging.INFO, "%s", describe_duplicates(cluster))
    sizes = np.bincount(cluster)
    if sizes.max() > max(10, len(cluster) * _LARGE_CLUSTER):
        log.warning(
            "%d pictures look so alike that they are kept together; where they are different works, say "
            "data.near_duplicates=null",
            sizes.max(),
        )


def _label_probability(
    probability: NDArray[np.float64] | None,
    labels: Sequence[str],
    grouping: Grouping | Quantiles | OneClass,
    counts: NDArray[np.float32],
    keep: NDArray[np.intp],
) -> NDArray[np.float64] | None:
    """(n, K) probability of each class to become the hard label; None unless vote probabilities are known."""
    if probability is None or isinstance(grouping, Quantiles):
        return None
    return win_probabilities(grouping.pool(labels, probability[keep]), counts.sum(axis=1).astype(int))
