"""What runs predicted on the artworks of one test split, as comparisons need it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotionart.run.folder import RunFolder
from emotionart.run.predictions import Predictions
from emotionart.statistics.baseline import majority_probabilities
from emotionart.statistics.crossed import Hits


@dataclass(frozen=True)
class RowPredictions:
    """The test predictions of one model with S seeds on one test part of n artworks.

    Attributes:
        id: (n,) of the artworks, sorted.
        label: (n,) their true classes.
        cluster: (n,) numbers from 0 of what the split kept together: artists, copies, else artworks.
        hits: (S, n) whether each run was right.
    """

    id: NDArray[np.str_]
    label: NDArray[np.str_]
    cluster: NDArray[np.intp]
    hits: Hits

    def shares_artworks(self, other: RowPredictions) -> bool:
        """Whether both are of the same artworks, under the same labels."""
        return np.array_equal(self.id, other.id) and np.array_equal(self.label, other.label)


def read_predictions(folders: Sequence[RunFolder], file: str = "predictions.csv") -> RowPredictions | None:
    """The predictions that runs left in a file of their folders; None for no run, or for different test splits."""
    read = [_read(folder.path / file) for folder in folders]
    if not read or any(not np.array_equal(told, read[0][0]) for told, _ in read):
        return None
    id, label = read[0][0]
    return RowPredictions(id, label, _clusters(folders[0], id), np.stack([hits for _, hits in read]))


def majority_predictions(folder: RunFolder) -> RowPredictions:
    """The predictions of the training split's most frequent class, of equals the first."""
    every = Predictions.read(folder.predictions)
    train, test = every.of_part("train"), _sorted(every.of_part("test"))
    labels = np.array([every.classes.index(name) for name in train.label])
    majority = every.classes[int(majority_probabilities(labels, 1, len(every.classes)).argmax())]
    id, label = test.id.astype(str), test.label.astype(str)
    return RowPredictions(id, label, _clusters(folder, id), (label == majority)[None])


def _read(file: Path) -> tuple[NDArray[np.str_], NDArray[np.bool_]]:
    """Ids and classes of the test artworks (2, n), sorted by id, and whether the predicted class is the true one."""
    test = _sorted(Predictions.read(file).of_part("test"))
    return np.stack([test.id, test.label]).astype(str), test.predicted == test.label


def _sorted(predictions: Predictions) -> Predictions:
    return predictions.take(np.argsort(predictions.id.astype(str)))


def _clusters(folder: RunFolder, ids: NDArray[np.str_]) -> NDArray[np.intp]:
    with (folder.path / "split.csv").open(encoding="utf-8", newline="") as lines:
        # Runs of earlier versions have no units.
        unit = {row["id"]: row.get("unit") or row["group"] or row["id"] for row in csv.DictReader(lines)}
    return np.unique([unit[id] for id in ids], return_inverse=True)[1].astype(np.intp)
