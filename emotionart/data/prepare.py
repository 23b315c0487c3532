"""Prepares the artworks of a source: reads, checks, groups and splits them, and decodes their pictures."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotionart.data.artworks import FEW_ARTWORKS, TIES_TOLERATED, Artworks, rare_classes
from emotionart.data.pictures.duplicates import are_many_copies, describe_duplicates, duplicate_clusters
from emotionart.data.pictures.pixels import Pictures, open_pictures, require_readable
from emotionart.data.source import Source
from emotionart.data.tables.labels import Grouping, OneClass, hard_labels, raw_labels, require_two_classes, tied
from emotionart.data.tables.measurement import Quantiles
from emotionart.data.tables.names import ungrouped_warning
from emotionart.data.tables.splits.given import Crossing, crossing, describe_given
from emotionart.data.tables.splits.split import describe_split
from emotionart.data.tables.splits.units import SplitKeys
from emotionart.data.tables.table import ArtworkTable
from emotionart.data.tables.wording import some
from emotionart.statistics.annotators.ceilings import win_probabilities

log = logging.getLogger(__name__)

_LARGE_CLUSTER = 0.02  # fraction of all pictures above which a cluster of near-duplicates is a warning


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
    if only is None:
        _log_hints(table, grouping, source)
    classes, histogram = grouping.group(table)
    pictures = open_pictures(list(table.image), size, cache, fit=source.fit)
    usable = _usable(table, histogram, pictures, source, only)
    used = _divide(table, usable, pictures, source, cache, only)
    if isinstance(grouping, Quantiles):  # classes are quantiles of the training part
        training = np.zeros(len(table), dtype=bool)
        training[used.row[used.part == "train"]] = True
        classes, histogram = grouping.group(table, training)
    counts = histogram[used.row]
    label = hard_labels(counts, used.id)
    if only is None and not isinstance(grouping, OneClass):
        require_two_classes(classes, label, raw_labels(used.table, used.id), source.find_other_labels)
    given = used.table.split if only is None else None
    leaks = None if given is None else crossing(used.part, used.table.group, used.cluster)
    if only is None:
        _report_split(used, label, classes, leaks, source)
    _report_ties(counts)

    votes = (counts / counts.sum(axis=1, keepdims=True)).astype(np.float32)
    one_hot = np.eye(len(classes), dtype=np.float32)[label]
    return Artworks(
        id=used.id,
        picture=pictures.id[used.row],
        image=np.asarray(table.image, dtype=object)[used.row],
        group=used.table.group,
        title=np.full(len(used.row), "", dtype=object) if used.table.title is None else used.table.title,
        tags=used.table.tags,
        classes=classes,
        counts=counts,
        votes=votes,
        voted=bool((counts.sum(axis=1) > 1).any() or ((counts > 0).sum(axis=1) > 1).any()),
        annotation=table.annotation,
        ordered=grouping.ordered,
        target=votes if grouping.target == "votes" else one_hot,
        label=label,
        part=used.part,
        split_source=None if given is None else given.source,
        crossing=leaks,
        unit=used.unit,
        pixels=pictures.pixels,
        row=used.row,
        label_probability=_label_probability(table.vote_probability, table.labels, grouping, counts, used.row),
    )


def _log_hints(table: ArtworkTable, grouping: Grouping | Quantiles | OneClass, source: Source) -> None:
    """Warns of raw labels that may be no classes, and of artworks without an artist."""
    if isinstance(grouping, Grouping):
        for hint in grouping.hints(table, source.leave_out):
            log.warning(hint)
    if ungrouped := ungrouped_warning(table.group):
        log.warning(ungrouped)


def _usable(
    table: ArtworkTable, histogram: NDArray[np.float32], pictures: Pictures, source: Source, only: str | None
) -> NDArray[np.intp]:
    """(m,) positions of the artworks with a readable picture, a label, and a place in the split that is asked for.

    Raises:
        UserError: if there are none, or a picture cannot be read and `source.on_bad` does not allow it.
    """
    readable = require_readable(list(table.image), pictures, source.on_bad)
    labelled = histogram.sum(axis=1) > 0
    if not labelled.all():
        log.info("%d of %d artworks have no label and are left out", np.count_nonzero(~labelled), len(labelled))
    usable = np.flatnonzero(readable & labelled & _listed(table, only))
    if len(usable) == 0:
        raise source.nothing_labelled()
    return usable


def _listed(table: ArtworkTable, only: str | None) -> NDArray[np.bool_]:
    """(n,) whether a split that comes with the data lists each artwork: in any part, or in `only`."""
    if table.split is None:
        return np.full(len(table), True)
    listed: NDArray[np.bool_] = table.split.part == only if only else table.split.part != ""
    if not listed.all():
        where = f"not in the {only} part" if only else "in no part"
        log.warning("%d artworks are %s of the given split and are left out", np.count_nonzero(~listed), where)
    return listed


@dataclass(frozen=True)
class _UsedArtworks:
    """The n artworks that are used, and their split.

    Attributes:
        row: (n,) positions in the table of all artworks.
        table: their own table.
        id: (n,) ids.
        cluster: (n,) numbers of clusters of near-duplicates.
        unit: (n,) as in `Artworks`.
        part: (n,) as in `Artworks`.
    """

    row: NDArray[np.intp]
    table: ArtworkTable
    id: NDArray[np.object_]
    cluster: NDArray[np.intp]
    unit: NDArray[np.intp]
    part: NDArray[np.object_]


def _divide(
    table: ArtworkTable, usable: NDArray[np.intp], pictures: Pictures, source: Source, cache: Path, only: str | None
) -> _UsedArtworks:
    """Splits the usable artworks, or puts them all into `only`; leaves out those that `train_count` has not drawn."""
    cluster = duplicate_clusters(pictures.id, pictures.phash, pictures.square, source.near_duplicates, cache)[usable]
    if source.near_duplicates is not None:
        _log_duplicates(cluster)
    kept, id = table.take(usable), table.ids(pictures.id)[usable]
    unit = SplitKeys(id, kept.group, cluster).units()
    part = np.full(len(usable), only, dtype=object) if only else source.divide(kept, id, cluster)
    drawn = np.flatnonzero(part != "")
    if len(drawn) == len(part):
        return _UsedArtworks(usable, kept, id, cluster, unit, part)
    log.info("%d artworks are left out (data.train_count)", len(part) - len(drawn))
    return _UsedArtworks(usable[drawn], kept.take(drawn), id[drawn], cluster[drawn], unit[drawn], part[drawn])


def _log_duplicates(cluster: NDArray[np.intp]) -> None:
    log.log(logging.WARNING if are_many_copies(cluster) else logging.INFO, "%s", describe_duplicates(cluster))
    sizes = np.bincount(cluster)
    if sizes.max() > max(10, len(cluster) * _LARGE_CLUSTER):
        log.warning(
            "%d pictures look so alike that they are kept together; where they are different works, say "
            "data.near_duplicates=null",
            sizes.max(),
        )


def _report_split(
    used: _UsedArtworks, label: NDArray[np.int64], classes: Sequence[str], leaks: Crossing | None, source: Source
) -> None:
    """Logs the split: where it comes from, the sizes of its parts, and rare classes."""
    if used.table.split is not None and leaks is not None:
        for line in describe_given(used.table.split, leaks):
            log.info(line)
    shares = source.shares if used.table.split is None else None
    for line in describe_split(used.part, label, classes, len(np.unique(used.unit)), shares):
        log.info(line)
    if rare := rare_classes(classes, label):
        log.warning("Classes of fewer than %d artworks are hard to learn: %s", FEW_ARTWORKS, some(rare))


def _report_ties(counts: NDArray[np.float32]) -> None:
    ties = int(tied(counts).sum())
    if ties:
        level = logging.WARNING if ties > TIES_TOLERATED * len(counts) else logging.INFO
        log.log(level, "%d of %d artworks have tied votes; their label is drawn at random", ties, len(counts))


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
