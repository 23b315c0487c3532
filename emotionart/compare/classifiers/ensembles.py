"""Ensembles: the mean probabilities of a row's seeds, as one predictor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from emotionart.compare.classifiers.predictions import join_predictions
from emotionart.compare.classifiers.rows import Row, accuracy_interval, pooled_values, random_features
from emotionart.compare.runs import Fold, Pool, RunsByRow, pools
from emotionart.run.predictions import Predictions
from emotionart.statistics.crossed import accuracy_difference
from emotionart.statistics.estimate import Estimate
from emotionart.statistics.metrics import point_metrics

SUFFIX = ", ensemble"
"""Suffix of the name of an ensemble's row."""


@dataclass(frozen=True)
class EnsembleRow(Row):
    """A row of a table that averages the probabilities of another row's runs with different seeds.

    Attributes:
        gain: test accuracy of the ensemble minus the mean of its single runs.
    """

    gain: Estimate = field(kw_only=True)


def ensembles(rows: Sequence[Row], runs_by_row: RunsByRow) -> tuple[EnsembleRow, ...]:
    """An ensemble for each row with predictions of several seeds that were trained and tested on the same artworks.

    Args:
        rows: rows of the table.
        runs_by_row: runs by row.
    """
    ensemble_rows = []
    for row in rows:
        pooled = pools(runs_by_row.get(row.name, ()))
        if row.predictions is not None and len({pool[0].seed for pool in pooled}) > 1 and _share_data(pooled):
            ensemble_rows.append(_ensemble(row, pooled))
    return tuple(ensemble_rows)


def _share_data(pooled: Sequence[Pool]) -> bool:
    """Whether the seeds of each fold used the same split, rather than draws of their own."""
    data: dict[Fold | None, set[str]] = {}
    for run in (run for pool in pooled for run in pool):
        data.setdefault(run.fold, set()).add(run.provenance["data"])
    return all(len(digests) == 1 for digests in data.values())


def _ensemble(row: Row, pooled: Sequence[Pool]) -> EnsembleRow:
    repeats: dict[int, list[Pool]] = {}
    for pool in pooled:
        repeats.setdefault(pool[0].fold.repeat if pool[0].fold else 0, []).append(pool)
    firsts = [same[0] for same in repeats.values()]
    mean = {
        runs[0]: _mean([Predictions.read(run.folder.predictions) for run in runs])
        for same in repeats.values()
        for runs in zip(*same, strict=True)  # runs of one fold, one per seed
    }
    predictions = join_predictions(firsts, lambda run: mean[run].of_part("test"))
    assert predictions is not None
    assert row.predictions is not None
    gain = accuracy_difference(
        predictions.hits, row.predictions.hits, predictions.cluster, fixed=True, factor=predictions.factor
    )
    return EnsembleRow(
        f"{row.name}{SUFFIX}",
        row.seeds,
        row.missing,
        pooled_values([[_scores(mean[run]) for run in pool] for pool in firsts]),
        accuracy_interval(predictions),
        predictions,
        random_features(run.result for run in mean if run.result),
        gain=gain,
    )


def _mean(runs: Sequence[Predictions]) -> Predictions:
    """The mean probabilities of runs on the same artworks, in the order of the first run."""
    first, total = runs[0], np.zeros_like(runs[0].probabilities)
    for run in runs:
        place = {id: row for row, id in enumerate(run.id)}
        total += run.probabilities[[place[id] for id in first.id]]
    names = np.array(first.classes, dtype=object)
    return replace(first, probabilities=total / len(runs), predicted=names[total.argmax(axis=1)])


def _scores(predictions: Predictions) -> dict[str, Any]:
    """The train and test metrics that need no votes, in the format of `result.json`."""
    scores: dict[str, Any] = {}
    for part in ("train", "test"):
        selected = predictions.of_part(part)
        metrics = point_metrics(selected.probabilities, selected.truth, None)
        scores[part] = {"n": len(selected.label), **{name: {"value": value} for name, value in metrics.items()}}
    return scores
