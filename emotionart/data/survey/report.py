"""The report on a data set: one page to read before training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotionart.data.pictures.duplicates import describe_duplicates
from emotionart.data.survey import pictures
from emotionart.data.survey.colours import Colours
from emotionart.data.survey.survey import Survey
from emotionart.data.survey.thumbnails import Thumbnails
from emotionart.data.tables.annotation import DESCRIPTIONS
from emotionart.data.tables.labels import tied
from emotionart.data.tables.measurement import numbers_of
from emotionart.data.tables.splits.units import SplitKeys
from emotionart.data.tables.table import ArtworkTable
from emotionart.figures.page import render
from emotionart.statistics.annotators import agreement, associations
from emotionart.statistics.baseline import majority_share

_LABELS = 24  # number of labels whose pairs are shown
_DEEPEST = 0.45  # maximum opacity of a cell's colour; its number stays legible in light and dark mode
_PAIRS = 8
_TAGS = 40  # rows of tags and classes
_COMMONEST = 30  # tags listed with their counts
_ARTISTS = 12
_SHEETS = 16  # classes with a contact sheet
_SHEET = 24  # pictures on a contact sheet
_BINS = 12


@dataclass(frozen=True)
class Described:
    """Content of a report.

    Attributes:
        name: name of the data set.
        table: table of artworks.
        survey: survey of their pictures.
        colours: colours of their pictures.
        classes: names of the K classes.
        votes: (n, K) votes for each class.
        members: raw labels of each class.
        label: (n,) classes, -1 without votes.
        part: (n,) parts in the split that a run would make, "" for artworks that are left out.
        ordered: whether the classes have an order.
        by_picture: (n,) parts in a split that ignores artists and near-duplicates.
        cluster: (n,) numbers of near-duplicate clusters; each unreadable picture has its own.
        compared: whether near-duplicates were searched for.
        mistakes, warnings: results of a check.
        command: command that makes this page again.
    """

    name: str
    table: ArtworkTable
    survey: Survey
    colours: Colours
    classes: tuple[str, ...]
    votes: NDArray[np.float32]
    members: tuple[tuple[str, ...], ...]
    label: NDArray[np.int64]
    part: NDArray[np.object_]
    ordered: bool
    by_picture: NDArray[np.object_]
    cluster: NDArray[np.intp]
    compared: bool
    mistakes: tuple[str, ...]
    warnings: tuple[str, ...]
    command: str


def report(data: Described) -> str:
    """The HTML page."""
    thumbnails = Thumbnails(data.table, data.survey, data.classes, data.label)
    return render(
        "data.html",
        name=data.name,
        command=data.command,
        mistakes=data.mistakes,
        warnings=data.warnings,
        overview=_overview(data),
        classes=_classes(data),
        together=_together(data),
        shade=_shade,
        votes=_votes(data),
        tags=_tags(data),
        sizes=pictures.sizes(data.survey, _BINS),
        looks=pictures.class_colours(data.colours, data.survey.reason == "", data.classes, data.label),
        duplicates=_duplicates(data, thumbnails),
        artists=_artists(data),
        leaks=_leaks(data),
        sheets=_sheets(data, thumbnails),
    )


def _overview(data: Described) -> list[tuple[str, str]]:
    table, readable = data.table, int((data.survey.reason == "").sum())
    labelled = int((data.label >= 0).sum())
    artists = set(table.group.tolist()) - {""}
    total = float(data.votes.sum())
    facts = [
        ("artworks", f"{len(table):,}"),
        ("with a label", f"{labelled:,} ({labelled / len(table):.0%})"),
        ("votes" if table.annotation == "votes" else "labels", f"{total:,.0f}"),
        ("labels are", DESCRIPTIONS[table.annotation]),
        ("tied labels, drawn at random", f"{int(tied(data.votes).sum()):,}"),
        ("classes", str(len(data.classes))),
        ("artists", f"{len(artists):,}" if artists else "not told"),
    ]
    return facts if readable == len(table) else [*facts, ("unreadable pictures", f"{len(table) - readable:,}")]


def _classes(data: Described) -> list[dict[str, Any]]:
    count = np.bincount(data.label[data.label >= 0], minlength=len(data.classes))
    votes, raw = data.votes.sum(axis=0), data.table.votes.sum(axis=0)
    weight = dict(zip(data.table.labels, raw.tolist(), strict=True))
    rows = []
    for index, name in enumerate(data.classes):
        members = sorted(
            (label for label in data.members[index] if weight.get(label)), key=lambda label: -weight[label]
        )
        rows.append(
            {
                "name": name,
                "count": int(count[index]),
                "share": count[index] / max(count.sum(), 1),
                "votes": float(votes[index]),
                "vote_share": float(votes[index] / max(votes.sum(), 1e-9)),
                "labels": [(label, weight[label]) for label in members],
            }
        )
    return rows


def _together(data: Described) -> dict[str, Any] | None:
    raw = data.table.votes
    often = np.argsort(-raw.sum(axis=0), kind="stable")[:_LABELS]
    often = often[raw.sum(axis=0)[often] > 0]
    if len(often) < 2 or not ((raw > 0).sum(axis=1) > 1).any():
        return None
    ratio = associations.coincidence_ratios(raw)[np.ix_(often, often)]
    names = [data.table.labels[index] for index in often]
    home = {label: index for index, members in enumerate(data.members) for label in members}
    grouped = len(data.classes) < len(data.table.labels)
    order = (
        np.array(sorted(range(len(names)), key=lambda n: (home.get(names[n], len(home)), n)))
        if grouped
        else associations.similar_order(ratio)
    )
    ratio, names = ratio[np.ix_(order, order)], [names[index] for index in order]
    pairs = sorted(
        ((ratio[a, b], names[a], names[b]) for a in range(len(names)) for b in range(a) if np.isfinite(ratio[a, b])),
        reverse=True,
    )
    bounds = [n > 0 and grouped and home.get(names[n]) != home.get(names[n - 1]) for n in range(len(names))]
    return {
        "names": names,
        "rows": [[None if np.isnan(value) else float(value) for value in row] for row in ratio],
        "bounds": bounds,
        "most": [(float(value), a, b) for value, a, b in pairs[:_PAIRS] if value > 1],
        "least": [(float(value), a, b) for value, a, b in pairs[::-1][:3] if value < 1],
        "classes": [data.classes[home[name]] if name in home else "none" for name in names] if grouped else None,
    }


def _shade(ratio: float) -> str:
    """A cell's colour: the bluer the farther the ratio is above 1, the more orange the farther below."""
    strength = min(abs(np.log2(max(ratio, 0.01))) / 3, 1)
    return f"rgba({'86, 180, 233' if ratio > 1 else '230, 159, 0'}, {_DEEPEST * strength:.2f})"


def _votes(data: Described) -> dict[str, Any] | None:
    labelled = data.label >= 0
    votes = data.votes[labelled]
    if not ((votes > 0).sum(axis=1) > 1).any() and not agreement.are_counted(votes):
        return None
    unit = SplitKeys(data.survey.id[labelled], data.table.group[labelled], data.cluster[labelled]).units()
    entropy = agreement.vote_entropy_bits(votes)
    counts, edges = np.histogram(entropy, bins=_BINS, range=(0, np.log2(max(len(data.classes), 2))))
    level = agreement.levels(votes)
    counted = data.table.annotation == "votes"
    people = agreement.annotator_metrics(votes, unit) if counted else None
    return {
        "entropy": pictures.histogram(counts, edges, "{:.2f}"),  # of two classes, a bin is 0.08 bits wide
        "mean_entropy": float(entropy.mean()),
        "levels": [
            (name, int((level == n).sum()), float((level == n).mean())) for n, name in enumerate(agreement.LEVELS)
        ]
        if counted
        else [],
        "human": people,
        "majority": majority_share(data.label[labelled]),
        "alpha": _alphas(data) if counted else [],
        "annotation": DESCRIPTIONS[data.table.annotation],
        "each": sorted({int(n) for n in votes.sum(axis=1)}) if people else [],
    }


def _alphas(data: Described) -> list[tuple[str, str, float | None]]:
    """Krippendorff's alpha of raw labels and of classes: name, level of measurement, and value."""
    import pandas as pd

    table, numbers = data.table, numbers_of(pd.Series(data.table.labels, dtype=object))
    raw_level: agreement.Level = "nominal" if numbers is None else "interval"
    level: agreement.Level = "ordinal" if data.ordered else "nominal"
    return [
        ("the raw labels", raw_level, agreement.krippendorff_alpha(table.votes, raw_level, numbers)),
        ("the classes", level, agreement.krippendorff_alpha(data.votes, level)),
    ]


def _tags(data: Described) -> dict[str, Any] | None:
    counts = Counter(tag for tags in data.table.tags for tag in tags)
    if not counts:
        return None
    pairs = associations.tags_by_class(data.table.tags, data.label, len(data.classes))
    clear = [one for one in pairs if one.strength > 0]
    scale = np.log(8)

    def place(lift: float) -> float:
        return float(np.clip(50 + 50 * np.log(max(lift, 1e-3)) / scale, 0, 100))

    rows = [
        {
            "tag": one.tag, "class": data.classes[one.class_index], "tagged": one.tagged, "both": one.both,
            "lift": one.lift, "low": one.low, "high": one.high,
            "from": place(one.low), "to": place(one.high), "at": place(one.lift),
        }
        for one in clear[:_TAGS]
    ]  # fmt: skip
    return {"rows": rows, "distinct": len(clear), "compared": len(pairs), "commonest": counts.most_common(_COMMONEST)}


def _duplicates(data: Described, thumbnails: Thumbnails) -> dict[str, Any]:
    order = np.argsort(data.cluster, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(data.cluster[order])) + 1)
    alike = [rows for rows in groups if len(rows) > 1]
    differing = [rows for rows in alike if len(set(data.label[rows][data.label[rows] >= 0].tolist())) > 1]
    first = [*differing, *(rows for rows in alike if not any(rows is other for other in differing))][:8]
    shown = [[thumbnail for row in rows[:3] if (thumbnail := thumbnails.of(row))] for rows in first]
    return {
        "compared": data.compared, "line": describe_duplicates(data.cluster[data.survey.reason == ""]),
        "groups": len(alike), "differing": len(differing), "shown": shown,
    }  # fmt: skip


def _artists(data: Described) -> dict[str, Any] | None:
    names, counts = np.unique(data.table.group[data.table.group != ""].astype(str), return_counts=True)
    if not len(names):
        return None
    order = np.argsort(-counts, kind="stable")
    top = []
    for index in order[:_ARTISTS]:
        label = data.label[data.table.group == names[index]]
        shares = np.bincount(label[label >= 0], minlength=max(len(data.classes), 1))
        most = int(shares.argmax())
        share = shares[most] / max(shares.sum(), 1)
        top.append((str(names[index]), int(counts[index]), data.classes[most] if shares.sum() else "", float(share)))
    return {
        "number": len(names),
        "nobody": int((data.table.group == "").sum()),
        "single": int((counts == 1).sum()),
        "half": int(np.searchsorted(np.cumsum(counts[order]), counts.sum() / 2) + 1),
        "top": top,
    }


def _leaks(data: Described) -> list[dict[str, Any]]:
    rows = []
    split = data.table.split
    whose = "as a run makes it" if split is None else f"the data's own ({split.source})"
    for name, part in (("by picture, at random", data.by_picture), (whose, data.part)):
        test, train = part == "test", (part == "train") | (part == "validation")
        clusters, artists = set(data.cluster[train].tolist()), set(data.table.group[train].tolist()) - {""}
        alike = test & np.array([number in clusters for number in data.cluster], dtype=bool)
        same = test & np.array([artist in artists for artist in data.table.group], dtype=bool)
        files = [Path(data.table.image[row]).name for row in np.flatnonzero(alike)[:12]]
        rows.append(
            {"name": name, "test": int(test.sum()), "alike": int(alike.sum()), "same": int(same.sum()), "files": files}
        )
    return rows


def _sheets(data: Described, thumbnails: Thumbnails) -> list[dict[str, Any]]:
    sheets = []
    indices: Sequence[int] = [*range(len(data.classes))][:_SHEETS]
    for index in [*indices, -1]:
        members = data.label == index
        if members.any():
            name = data.classes[index] if index >= 0 else "without a label"
            sheets.append({"name": name, "count": int(members.sum()), "pictures": thumbnails.sample(members, _SHEET)})
    return sheets
