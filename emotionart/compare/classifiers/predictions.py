"""The runs' predictions on one test split, in the form that comparisons need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emotionart.compare.runs import Pool, SweepRun
from emotionart.run.clusters import clusters
from emotionart.run.predictions import Predictions
from emotionart.statistics.baseline import majority_probabilities
from emotionart.statistics.cross_validation import pooled_factor
from emotionart.statistics.crossed import Hits


@dataclass(frozen=True)
class RowPredictions:
    """The test predictions of one model with S seeds on n artworks: one test part, or all folds.

    Attributes:
        id: (n,) artwork ids, sorted.
        label: (n,) true classes.
        cluster: (n,) cluster numbers from 0 of what the split kept together: artists, copies, else single artworks.
        hits: (S, n) whether each prediction is right; for cross-validated rows, S is seeds x repeats.
        fold: (S, n) number of the fold, over all repeats, in which each was tested; None for a single split.
    """

    id: NDArray[np.str_]
    label: NDArray[np.str_]
    cluster: NDArray[np.intp]
    hits: Hits
    fold: NDArray[np.intp] | None = None

    def shares_artworks(self, other: RowPredictions) -> bool:
        """Whether both are predictions for the same artworks with the same labels."""
        return np.array_equal(self.id, other.id) and np.array_equal(self.label, other.label)

    @property
    def factor(self) -> float:
        """The factor by which to multiply the variance over artworks."""
        return 1.0 if self.fold is None else pooled_factor(len(self.id))


def tested_artworks(run: SweepRun) -> frozenset[tuple[str, str]]:
    """Id and class of each artwork that a run was tested on."""
    tested = Predictions.read(run.folder.predictions).of_part("test")
    return frozenset(zip(tested.id, tested.label, strict=True))


def read_predictions(runs: Sequence[Pool]) -> RowPredictions | None:
    """The predictions of the runs; None without runs, or if their test splits differ."""
    return join_predictions(runs, lambda run: Predictions.read(run.folder.predictions).of_part("test"))


def logistic_predictions(runs: Sequence[Pool]) -> RowPredictions | None:
    """The predictions of logistic regression on the runs' features; None without runs, or if their test splits differ.

    Only runs on features have them.
    """
    return join_predictions(runs, lambda run: Predictions.read(run.folder.logistic_predictions).of_part("test"))


def majority_predictions(runs: Sequence[Pool]) -> RowPredictions | None:
    """The predictions of the majority baseline: the training split's most frequent class, the first on a tie."""

    def majority(run: SweepRun) -> Predictions:
        every = Predictions.read(run.folder.predictions)
        train, test = every.of_part("train"), every.of_part("test")
        most = every.classes[int(majority_probabilities(train.truth, 1, len(every.classes)).argmax())]
        return replace(test, predicted=np.full(len(test.id), most, dtype=object))

    return join_predictions(runs, majority)


def join_predictions(runs: Sequence[Pool], read: Callable[[SweepRun], Predictions]) -> RowPredictions | None:
    """Joins what `read` returns for the runs of each pool; None without runs, or if their test splits differ."""
    pooled = [_pool(pool, read) for pool in runs]
    if not pooled or any(not np.array_equal(artworks, pooled[0][0]) for artworks, _, _ in pooled):
        return None
    id, label = pooled[0][0]
    hits = np.stack([hits for _, hits, _ in pooled])
    fold = np.stack([fold for _, _, fold in pooled]) if runs[0][0].fold else None
    return RowPredictions(id, label, clusters([run.folder for run in runs[0]], id), hits, fold)


def _pool(
    pool: Pool, read: Callable[[SweepRun], Predictions]
) -> tuple[NDArray[np.str_], NDArray[np.bool_], NDArray[np.intp]]:
    """Ids and classes (2, n) of the tested artworks, sorted by id; whether each is right (n,); its fold (n,)."""
    tests = [read(run) for run in pool]
    id, label, predicted = (
        np.concatenate([getattr(test, name) for test in tests]) for name in ("id", "label", "predicted")
    )
    numbers = [run.fold.repeat * run.fold.count + run.fold.number if run.fold else 0 for run in pool]
    fold = np.repeat(np.array(numbers, dtype=np.intp), [len(test.id) for test in tests])
    order = np.argsort(id.astype(str))
    return np.stack([id, label]).astype(str)[:, order], (predicted == label)[order], fold[order]
