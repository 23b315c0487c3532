"""Check of a table of artworks before training, which finds all its mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotionart.data.artworks import FEW_ARTWORKS, TIES_TOLERATED, rare_classes
from emotionart.data.persons.portraits import keep_portraits
from emotionart.data.pictures.decode import is_there
from emotionart.data.pictures.duplicates import describe_duplicates, duplicate_clusters
from emotionart.data.source import Folder, Source, Table
from emotionart.data.survey.survey import Survey, survey
from emotionart.data.tables.labels import Grouping, hard_labels, raw_labels, require_two_classes, tied
from emotionart.data.tables.layouts.roots import home_of
from emotionart.data.tables.meaning.similar_labels import numbers_among_names, similar_labels
from emotionart.data.tables.measurement import Quantiles
from emotionart.data.tables.names import joint_names, similar_names, spellings, ungrouped_warning
from emotionart.data.tables.splits.given import crossing, describe_given
from emotionart.data.tables.splits.split import describe_split
from emotionart.data.tables.splits.units import SplitKeys
from emotionart.data.tables.table import ArtworkTable
from emotionart.data.tables.wording import row_group, row_numbers, some
from emotionart.errors import UserError, UserErrors

_EVEN = 4  # grey levels; a picture of fewer is a warning
_SMALL = 64  # pixels; a shorter side is a warning


@dataclass(frozen=True)
class Checked:
    """Result of the check of a table.

    Attributes:
        mistakes: mistakes that would stop a training run.
        warnings: messages to read before training.
        split: lines that describe the split, and state that there are no copies if that is so.
        table: the artworks; None if they could not be read.
        survey: survey of their pictures; None without a table.
        cluster: (n,) numbers of near-duplicate clusters; an unreadable picture has its own.
        classes: names of the K classes; empty if the labels have mistakes.
        histogram: (n, K) votes for each class; None if the labels have mistakes.
    """

    mistakes: tuple[UserError, ...]
    warnings: tuple[str, ...]
    split: tuple[str, ...]
    table: ArtworkTable | None
    survey: Survey | None
    cluster: NDArray[np.intp]
    classes: tuple[str, ...]
    histogram: NDArray[np.float32] | None


def check_artworks(source: Source, grouping: Grouping | Quantiles, cache: Path) -> Checked:
    """Goes through everything that a run does before training, without stopping at a mistake.

    Args:
        source: source of the artworks.
        grouping: grouping of labels into classes.
        cache: folder in which results for pictures are stored.

    Raises:
        UserError: if the file is missing or not a table.
    """
    examined = source.examine(cache)
    mistakes = list(examined.mistakes)
    table, line = examined.table, examined.line
    if table is None:
        return Checked(tuple(mistakes), (), (), None, None, np.empty(0, np.intp), (), None)
    warnings = list(_spellings(table.group))
    every, table = table.image, source.known_groups(table)
    try:
        table = source.foldable(table)
        table = table if source.only is None else keep_portraits(table)
    except UserError as error:
        mistakes.append(error)
    line = line[np.isin(every, table.image)]
    looked = survey(list(table.image), cache)
    cluster = duplicate_clusters(looked.id, looked.phash, looked.square, source.near_duplicates, cache)
    mistakes += _unreadable(table, looked, line, source)
    classes: tuple[str, ...] = ()
    histogram = None
    try:
        classes, histogram = grouping.group(table)
    except UserErrors as errors:
        mistakes += errors.errors
    except UserError as error:
        mistakes.append(error)
    if isinstance(grouping, Grouping):
        warnings += grouping.hints(table, source.leave_out)
    warnings += _warnings(table, looked, cluster, line, classes, histogram, source)
    split: list[str] = []
    if source.near_duplicates is not None and (looked.reason == "").any():
        copied = len(np.unique(cluster)) < len(table)
        (warnings if copied else split).append(describe_duplicates(cluster[looked.reason == ""]))
    if histogram is not None:
        try:
            split += _split(table, looked, cluster, classes, histogram, source)
        except UserError as error:
            if not mistakes:  # it may be a consequence of the others
                mistakes.append(error)
    return Checked(tuple(mistakes), tuple(warnings), tuple(split), table, looked, cluster, classes, histogram)


def _unreadable(table: ArtworkTable, looked: Survey, line: NDArray[np.intp], source: Source) -> list[UserError]:
    # Missing files are already among the table's mistakes.
    bad = [row for row in np.flatnonzero(looked.reason != "") if is_there(Path(table.image[row]))]
    if not bad or source.on_bad == "skip":
        return []
    named = some([f"row {line[row]}: {Path(table.image[row]).name} ({looked.reason[row]})" for row in bad])
    return [
        UserError(
            f"{len(bad)} of {len(table)} pictures cannot be used.",
            where=named,
            fix="data.on_bad=skip   to leave them out",
        )
    ]


def _spellings(group: NDArray[np.object_]) -> Iterator[str]:
    """Warnings of artists in several spellings, of different artists with similar names, and of lists of artists."""
    ways = spellings(group)
    several = [" = ".join(map(repr, names)) for names in ways.values() if len(names) > 1]
    if several:
        yield f"{len(several)} artists are spelled in several ways, and each is taken as one: {some(several)}"
    similar = similar_names([names[0] for names in ways.values()])
    if similar:
        pairs = [f"{first!r} and {second!r}" for first, second in similar]
        yield f"{len(pairs)} pairs of artists have nearly equal names, and are taken as different: {some(pairs)}"
    joint = joint_names(ways)
    if joint:
        named = some([repr(ways[name][0]) for name in joint])
        yield (
            f"{len(joint)} names list several artists, and the works of all these stay together in the split, since a "
            f"work of two artists belongs to both: {named}"
        )


def _warnings(
    table: ArtworkTable,
    looked: Survey,
    cluster: NDArray[np.intp],
    line: NDArray[np.intp],
    classes: tuple[str, ...],
    histogram: NDArray[np.float32] | None,
    source: Source,
) -> Iterator[str]:
    readable = looked.reason == ""
    if source.on_bad == "skip" and not readable.all():
        yield f"{np.count_nonzero(~readable)} pictures cannot be used and are left out"
    unlabelled = np.isnan(table.measurement) if table.measurement is not None else table.votes.sum(axis=1) == 0
    if unlabelled.any() and not unlabelled.all():
        yield f"{unlabelled.sum()} artworks have no label and are left out: {row_numbers(line[unlabelled].tolist())}"
    label = np.where(unlabelled, -1, table.votes.argmax(axis=1) if table.labels else -1)
    yield from _copies(looked.id, label, line, "have the same bytes")
    if source.near_duplicates is not None and readable.any():
        yield from _copies(cluster.astype(str).astype(object), label, line, "show the same")
    yield from _similar_labels(table)
    unlisted = 0 if table.split is None else int((table.split.part == "").sum())
    if unlisted:
        yield f"{unlisted} artworks are in no part of the given split and are left out"
    outside = _links_outside(table, source)
    if outside:
        yield f"{len(outside)} pictures are links to files outside the data's folder: {some(outside)}"
    small = readable & (looked.size.min(axis=1) < _SMALL)
    if small.any():
        yield f"{small.sum()} pictures are less than {_SMALL} pixels wide or high: {row_numbers(line[small].tolist())}"
    paged = readable & (looked.pages > 1)
    if paged.any():
        yield f"{paged.sum()} files have several pages, of which the first is used: {row_numbers(line[paged].tolist())}"
    shades = looked.square.reshape(len(looked.square), -1)
    even = readable & (np.ptp(shades, axis=1) < _EVEN)
    if even.any():
        yield f"{even.sum()} pictures show an even surface, nothing else: {row_numbers(line[even].tolist())}"
    if isinstance(source, Table):
        nobody = table.group == ""
        if partly := ungrouped_warning(table.group):
            yield partly
        elif nobody.all():
            yield "no column of artists (data.group): works of one artist may be on both sides of the split"
    if histogram is not None:
        drawn = int(tied(histogram).sum())
        if drawn > TIES_TOLERATED * len(table):
            yield f"{drawn} of {len(table)} artworks have tied votes; their label is drawn at random"
        if rare := rare_classes(classes, hard_labels(histogram, table.ids(looked.id))[histogram.sum(axis=1) > 0]):
            yield f"classes of fewer than {FEW_ARTWORKS} artworks: {some(rare)}"


def _similar_labels(table: ArtworkTable) -> Iterator[str]:
    similar = similar_labels(table.labels)
    if similar:
        pairs = [f"{first!r} and {second!r}" for first, second in similar]
        yield f"{len(pairs)} pairs of labels have nearly equal names, and are taken as different: {some(pairs)}"
    numbers = numbers_among_names(table.labels)
    if numbers:
        named = some([repr(label) for label in numbers])
        yield f"numbers stand among the names of labels, and are labels of their own: {named}"


def _links_outside(table: ArtworkTable, source: Source) -> list[str]:
    """Links to pictures outside the data's folder, which are missing when the folder is shared."""
    if not isinstance(source, Table | Folder):
        return []
    home = home_of(Path(source.path))
    links = (Path(image) for image in table.image if is_there(Path(image)) and Path(image).is_symlink())
    return [f"{link.name} → {link.resolve()}" for link in links if not link.resolve().is_relative_to(home)]


def _copies(
    key: NDArray[np.object_],
    label: NDArray[np.int64],
    line: NDArray[np.intp],
    what: str,
) -> Iterable[str]:
    """Warnings of artworks with the same key ("" for none), and of those whose labels (-1 for none) differ."""
    order = np.argsort(key.astype(str), kind="stable")
    starts = np.flatnonzero(np.r_[True, key[order][1:] != key[order][:-1]])
    same = [rows for rows in np.split(order, starts[1:]) if len(rows) > 1 and key[rows[0]] != ""]
    groups = sorted(same, key=lambda rows: int(rows[0]))
    differing = [rows for rows in groups if len(set(label[rows].tolist()) - {-1}) > 1]
    for listed, which in ((groups, ""), (differing, ", and differ in their labels")):
        if listed:
            yield f"{len(listed)} groups of pictures {what}{which}: " + some(
                [row_group(line[rows].tolist()) for rows in listed]
            )


def divide(
    table: ArtworkTable, looked: Survey, cluster: NDArray[np.intp], histogram: NDArray[np.float32], source: Source
) -> NDArray[np.object_]:
    """(n,) part of each artwork in the split that a run would make; "" if it is left out.

    Args:
        table: the artworks.
        looked: survey of their pictures.
        cluster: (n,) numbers of near-duplicate clusters.
        histogram: (n, K) votes for each class.
        source: source with the settings of the split.
    """
    listed = True if table.split is None else table.split.part != ""
    keep = np.flatnonzero((looked.reason == "") & (histogram.sum(axis=1) > 0) & listed)
    part = np.full(len(table), "", dtype=object)
    if len(keep):
        part[keep] = source.divide(table.take(keep), table.ids(looked.id)[keep], cluster[keep])
    return part


def _split(
    table: ArtworkTable,
    looked: Survey,
    cluster: NDArray[np.intp],
    classes: tuple[str, ...],
    histogram: NDArray[np.float32],
    source: Source,
) -> list[str]:
    part = divide(table, looked, cluster, histogram, source)
    keep = part != ""
    if not keep.any():
        raise source.nothing_labelled()
    id = table.ids(looked.id)[keep]
    units = int(SplitKeys(id, table.group[keep], cluster[keep]).units().max()) + 1
    label = hard_labels(histogram[keep], id)
    require_two_classes(classes, label, raw_labels(table.take(np.flatnonzero(keep)), id), source.find_other_labels)
    if table.split is None:
        return describe_split(part[keep], label, classes, units, source.shares)
    leaks = crossing(part[keep], table.group[keep], cluster[keep])
    return [*describe_given(table.split, leaks), *describe_split(part[keep], label, classes, units, None)]
