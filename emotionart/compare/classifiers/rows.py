"""Reads the rows of a table from run folders."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotionart.compare.classifiers.predictions import (
    RowPredictions,
    logistic_predictions,
    majority_predictions,
    read_predictions,
    tested_artworks,
)
from emotionart.compare.runs import TRAIN_COUNT, Pool, RunsByRow, SweepRun, device, pools
from emotionart.data.tables.wording import some
from emotionart.statistics.crossed import mean_accuracy

_Baseline = tuple[str, str]
"""Kind of a baseline, and a comparable key for the features and the training count on which it depends."""

METRICS = ("train_acc", "acc", "balanced_acc", "f1_macro", "kl")
"""The columns: accuracy on the training split, and metrics of the test split."""


@dataclass(frozen=True)
class Row:
    """A row of the table: the runs of one setting, or a baseline.

    Attributes:
        name: name of the row.
        seeds: seeds of all runs, finished or not.
        missing: seeds without a result.
        values: (S,) values over seeds of each of `METRICS` that all finished runs have.
        interval: 95 % interval of the test accuracy; None if no run is finished, or the test splits differ.
        predictions: predictions on the test split; None likewise.
        random_features: whether the features come from a network without trained weights.
        seconds: median wall time of a run; None for a baseline, which is computed within a run.
        device: device on which the runs were made.
    """

    name: str
    seeds: tuple[int, ...]
    missing: tuple[int, ...]
    values: Mapping[str, NDArray[np.float64]]
    interval: tuple[float, float] | None
    predictions: RowPredictions | None
    random_features: bool
    seconds: float | None = None
    device: str | None = None

    @property
    def done(self) -> int:
        """The number of runs with a result."""
        return len(self.seeds) - len(self.missing)

    @property
    def single(self) -> bool:
        """Whether its values are of one seed: of one run, or of the folds of one seed."""
        return len(self.values.get("acc", ())) == 1 or len({*self.seeds}) == 1

    @property
    def baseline(self) -> bool:
        """Whether the row is a baseline, which has no seeds."""
        return not self.seeds

    def mean(self, metric: str) -> float | None:
        """Mean over seeds; None if no run has the metric."""
        return float(self.values[metric].mean()) if metric in self.values else None

    def deviation(self, metric: str) -> float | None:
        """Standard deviation over seeds; None for fewer than two."""
        values = self.values.get(metric)
        return float(values.std(ddof=1)) if values is not None and len(values) > 1 else None


def read_rows(runs_by_row: RunsByRow) -> tuple[Row, ...]:
    """Reads the baselines, then one row per name, in the plan's order.

    Args:
        runs_by_row: runs by row.
    """
    return (*_baselines(runs_by_row), *(_row(name, runs) for name, runs in runs_by_row.items()))


def _row(name: str, runs: Sequence[SweepRun]) -> Row:
    done = [run for run in runs if run.result]
    pooled = pools(runs)
    predictions = read_predictions(pooled)
    return Row(
        name,
        tuple(run.seed for run in runs),
        tuple(run.seed for run in runs if not run.result),
        pooled_values([[run.result for run in pool if run.result] for pool in pooled]),
        accuracy_interval(predictions),
        predictions,
        random_features(run.result for run in done if run.result),
        statistics.median(run.provenance["seconds"] for run in done) if done else None,
        ", ".join(sorted({device(run.provenance) for run in done})) or None,
    )


def pooled_values(runs: Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, NDArray[np.float64]]:
    """The metrics that all runs or baselines have, (S,) each; folds are averaged, weighted by their test artworks."""
    every = [score for run in runs for score in run]
    if not every:
        return {}

    def mean(part: str, metric: str) -> NDArray[np.float64]:
        means = [
            np.average([score[part][metric]["value"] for score in run], weights=[score["test"]["n"] for score in run])
            for run in runs
        ]
        return np.array(means)

    return {
        "train_acc": mean("train", "acc"),
        **{metric: mean("test", metric) for metric in METRICS[1:] if all(metric in score["test"] for score in every)},
    }


def accuracy_interval(predictions: RowPredictions | None) -> tuple[float, float] | None:
    """The 95 % interval of the test accuracy; None without predictions."""
    if predictions is None:
        return None
    return mean_accuracy(predictions.hits, predictions.cluster, factor=predictions.factor).interval(0, 1)


def random_features(results: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the features of any run come from a network without trained weights."""
    return any(result["representation"].get("weights") == "random" for result in results)


def _baselines(runs_by_row: RunsByRow) -> Iterator[Row]:
    """The baselines of each set of rows that share test splits, named after these rows if there are several sets."""
    sets = _sharing_tests(runs_by_row)
    for names in sets:
        suffix = f" for {some(names, 1)}" if len(sets) > 1 else ""
        for baseline in _shared_baselines({name: runs_by_row[name] for name in names}):
            yield replace(baseline, name=f"{baseline.name}{suffix}")


def _sharing_tests(runs_by_row: RunsByRow) -> list[list[str]]:
    """The rows with a result, in sets with the same test splits: artworks and labels.

    Most rows have one split. Cross-validated rows share theirs if they share any fold, since some may be unfinished.
    """
    tests: dict[str, frozenset[tuple[str, str]]] = {}  # by digest of the data, which covers its parts
    sets: list[tuple[list[str], set[frozenset[tuple[str, str]]]]] = []
    for name, runs in runs_by_row.items():
        done = {run.provenance["data"]: run for run in runs if run.result}
        tests |= {data: tested_artworks(run) for data, run in done.items() if data not in tests}
        own = {tests[data] for data in done}
        if not own:
            continue
        folded = any(run.fold for run in runs)
        joined = [one for one in sets if (one[1] & own if folded else one[1] == own)]
        names = [earlier for shared, _ in joined for earlier in shared]
        sets = [one for one in sets if one not in joined]
        sets.append(([*names, name], own.union(*(splits for _, splits in joined))))
    order = list(runs_by_row)
    return sorted((names for names, _ in sets), key=lambda names: order.index(names[0]))


def _shared_baselines(runs_by_row: RunsByRow) -> Iterator[Row]:
    """Majority class, and logistic regression for each representation and training count; each data set counts once."""
    groups: dict[_Baseline, dict[frozenset[str], Pool]] = {}
    names: dict[_Baseline, tuple[str, str]] = {}
    for row, runs in runs_by_row.items():
        for baseline, name in (found for run in runs for found in _baselines_of(run, row)):
            names.setdefault(baseline, (name, row))
            groups.setdefault(baseline, {})
        for pool in pools(runs):
            data = frozenset(run.provenance["data"] for run in pool)
            for baseline, _ in _baselines_of(pool[0], row):
                groups[baseline].setdefault(data, pool)
    namesakes = Counter(name for name, _ in names.values())
    for (kind, features), by_data in groups.items():
        name, row = names[kind, features]
        pooled = list(by_data.values())
        results = [[run.result for run in pool if run.result] for pool in pooled]
        predictions = None
        repeats = {pool[0].fold.repeat if pool[0].fold else 0 for pool in pooled}
        if len(repeats) == len(pooled):  # else it was trained on several draws of artworks, and has no seeds to tell so
            predictions = majority_predictions(pooled) if kind == "majority" else logistic_predictions(pooled)
        yield Row(
            name if namesakes[name] == 1 else f"{name} ({row})",
            (),
            (),
            pooled_values([[result["baselines"][kind] for result in pool] for pool in results]),
            accuracy_interval(predictions),
            predictions,
            bool(features) and random_features(result for pool in results for result in pool),
        )


def _baselines_of(run: SweepRun, row: str) -> Iterator[tuple[_Baseline, str]]:
    """The baselines that a run has computed, with their names; none before its result."""
    if run.result is None:
        return
    used = run.result["representation"]
    for kind in run.result["baselines"]:
        count = "" if run.train_count is None else f", {TRAIN_COUNT}{run.train_count}"
        if kind == "majority":
            yield (kind, ""), kind
        else:
            yield (kind, _features(used) + count), f"{kind} on {_features_name(used, row)}{count}"


def _features(representation: Mapping[str, Any]) -> str:
    """A comparable key for the features of the logistic regression, which averages a grid over space."""
    averaged = {"shape": representation["shape"][:1], "pool": "mean"} if "shape" in representation else {}
    return json.dumps({**representation, **averaged}, sort_keys=True)


def _features_name(representation: Mapping[str, Any], row: str) -> str:
    if "name" in representation:
        return str(representation["name"])
    return f"{len(representation['names'])} features of {row.partition(', ')[0]}"
