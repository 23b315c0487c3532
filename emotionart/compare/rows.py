"""A table of many runs, from what their folders hold."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotionart.classifier.train import LOGISTIC_PREDICTIONS
from emotionart.compare.predictions import Predictions, majority_predictions, read_predictions
from emotionart.compare.runs import SweepRun, device
from emotionart.statistics.tests import LEVEL, accuracy_interval, difference_p, holm, letters

METRICS = ("train_acc", "acc", "balanced_acc", "f1_macro", "kl")
"""The columns: accuracy on the training split, and metrics of the test split."""


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        name: of the row.
        seeds: of all its runs, done or not.
        missing: seeds without a result.
        values: of each of `METRICS` that all done runs have, (S,) over seeds.
        interval: 95 % of the test accuracy; None where no run is done, or the runs differ in their test split.
        predictions: of the test split; None likewise.
        random_features: whether a network without trained weights gave the features.
        seconds: median wall time of a run; None for a baseline, which takes part in its run's.
        device: on which the runs were made.
    """

    name: str
    seeds: tuple[int, ...]
    missing: tuple[int, ...]
    values: Mapping[str, NDArray[np.float64]]
    interval: tuple[float, float] | None
    predictions: Predictions | None
    random_features: bool
    seconds: float | None = None
    device: str | None = None

    @property
    def done(self) -> int:
        """How many runs have a result."""
        return len(self.seeds) - len(self.missing)

    @property
    def baseline(self) -> bool:
        """Whether it is what models must beat; such a row has no seeds."""
        return not self.seeds

    def mean(self, metric: str) -> float | None:
        """Mean over seeds; None where no run has the metric."""
        return float(self.values[metric].mean()) if metric in self.values else None

    def deviation(self, metric: str) -> float | None:
        """Standard deviation over seeds; None for fewer than two."""
        values = self.values.get(metric)
        return float(values.std(ddof=1)) if values is not None and len(values) > 1 else None


@dataclass(frozen=True)
class Table:
    """Rows of runs, compared.

    Attributes:
        rows: baselines first, then in the plan's order.
        group: (R,) letters: rows that share one cannot be told apart; "" for a row that cannot be compared.
        majority: test accuracy of the majority baseline, where all runs share it.
        ceiling: highest test accuracy that any model can expect, where it is known and shared.
        test_artworks: how many, where all runs have as many.
        underpowered: number of clusters of test artworks, where it is so small that no difference could be found.
    """

    rows: tuple[Row, ...]
    group: tuple[str, ...]
    majority: float | None
    ceiling: float | None
    test_artworks: int | None
    underpowered: int | None


def compare(members: Mapping[str, Sequence[SweepRun]]) -> Table:
    """The table of classifiers.

    Args:
        members: runs by row.
    """
    done = [member for runs in members.values() for member in runs if member.result]
    rows = (*_baselines(members), *(_row(name, runs) for name, runs in members.items()))
    results = [member.result for member in done if member.result]
    return Table(
        rows,
        tuple(_groups(rows)),
        _shared(result["baselines"]["majority"]["test"]["acc"]["value"] for result in results),
        _shared(result["ceiling"]["test"] if result["ceiling"] else None for result in results),
        _shared(result["test"]["n"] for result in results),
        _underpowered(rows),
    )


def _row(name: str, members: Sequence[SweepRun]) -> Row:
    done = [member for member in members if member.result]
    results = [member.result for member in done if member.result]
    predictions = read_predictions([member.folder for member in done], "predictions.csv")
    return Row(
        name,
        tuple(member.seed for member in members),
        tuple(member.seed for member in members if not member.result),
        _values(results),
        _interval(predictions),
        predictions,
        _random_features(results),
        statistics.median(member.provenance["seconds"] for member in done) if done else None,
        ", ".join(sorted({device(member.provenance) for member in done})) or None,
    )


def _values(scores: Sequence[Mapping[str, Any]]) -> dict[str, NDArray[np.float64]]:
    """The metrics that all have, from results or from the scores of their baselines."""
    if not scores:
        return {}
    found = {"train_acc": np.array([score["train"]["acc"]["value"] for score in scores])}
    for metric in METRICS[1:]:
        if all(metric in score["test"] for score in scores):
            found[metric] = np.array([score["test"][metric]["value"] for score in scores])
    return found


def _interval(predictions: Predictions | None) -> tuple[float, float] | None:
    return accuracy_interval(predictions.hits, predictions.cluster) if predictions else None


def _random_features(results: Iterable[Mapping[str, Any]]) -> bool:
    return any(result["representation"].get("weights") == "random" for result in results)


def _baselines(rows: Mapping[str, Sequence[SweepRun]]) -> Iterator[Row]:
    """Majority, and logistic regression on each kind of features; each data counts once, since no seed matters."""
    groups: dict[tuple[str, str], dict[str, SweepRun]] = {}
    names: dict[tuple[str, str], str] = {}
    for row, member in ((row, member) for row, members in rows.items() for member in members if member.result):
        assert member.result is not None
        used = member.result["representation"]
        for kind in member.result["baselines"]:
            baseline = (kind, "") if kind == "majority" else (kind, _features(used))
            names.setdefault(baseline, kind if kind == "majority" else f"{kind} on {_features_name(used, row)}")
            groups.setdefault(baseline, {}).setdefault(member.provenance["data"], member)
    for (kind, features), by_data in groups.items():
        members = list(by_data.values())
        results = [member.result for member in members if member.result]
        predictions = None
        if len(members) == 1:
            folder = members[0].folder
            found = majority_predictions(folder) if kind == "majority" else None
            predictions = found or read_predictions([folder], LOGISTIC_PREDICTIONS)
        yield Row(
            names[kind, features],
            (),
            (),
            _values([result["baselines"][kind] for result in results]),
            _interval(predictions),
            predictions,
            bool(features) and _random_features(results),
        )


def _features(representation: Mapping[str, Any]) -> str:
    """What logistic regression is given, in a form that can be compared; it averages a grid over space."""
    averaged = {"shape": representation["shape"][:1], "pool": True} if "shape" in representation else {}
    return json.dumps({**representation, **averaged}, sort_keys=True)


def _features_name(representation: Mapping[str, Any], row: str) -> str:
    if "name" in representation:
        return str(representation["name"])
    return f"{len(representation['names'])} features of {row.partition(', ')[0]}"


def _groups(rows: Sequence[Row]) -> list[str]:
    """The letters of the rows; "" for all where fewer than two share a test split."""
    shared = _shared_test(rows)
    found = [""] * len(rows)
    if len(shared) < 2:
        return found
    shared.sort(key=lambda place: -(rows[place].mean("acc") or 0))
    pairs = list(combinations(range(len(shared)), 2))
    p_values = holm([_difference_p(rows[shared[a]], rows[shared[b]]) for a, b in pairs])
    differs = np.zeros((len(shared), len(shared)), dtype=bool)
    for (a, b), p in zip(pairs, p_values, strict=True):
        differs[a, b] = differs[b, a] = p < LEVEL
    for place, text in zip(shared, letters(differs), strict=True):
        found[place] = text
    return found


def _underpowered(rows: Sequence[Row]) -> int | None:
    """The number of clusters, where even a row that is right in all and one that is right in none would share a letter.

    The smallest p-value of C clusters that can be exchanged is 2^(1 - C), times the number of pairs.
    """
    shared = _shared_test(rows)
    if len(shared) < 2:
        return None
    clusters = int(_predictions(rows[shared[0]]).cluster.max()) + 1
    return clusters if 2.0 ** (1 - clusters) * len(shared) * (len(shared) - 1) / 2 >= LEVEL else None


def _shared_test(rows: Sequence[Row]) -> list[int]:
    """The rows that share the test split that most have; of equally many, the one that comes first."""
    compared = [place for place, row in enumerate(rows) if row.predictions]
    sharing = [
        [other for other in compared if _predictions(rows[place]).shares_artworks(_predictions(rows[other]))]
        for place in compared
    ]
    return max(sharing, key=len, default=[])


def _predictions(row: Row) -> Predictions:
    assert row.predictions is not None
    return row.predictions


def _difference_p(a: Row, b: Row) -> float:
    fixed = a.baseline or b.baseline
    return difference_p(_predictions(a).hits, _predictions(b).hits, _predictions(a).cluster, fixed)


def _shared(values: Iterable[Any]) -> Any:
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None
