"""Workers: the function of a process that turns the contents of pictures into rows of the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from emotionart.classifier.ensemble import load_ensemble
from emotionart.features.vectors import FeatureSettings
from emotionart.inputs.feature_table import measure_contents
from emotionart.predict.prediction import predict_contents
from emotionart.predict.tables import Columns

Worker = Callable[[Mapping[str, bytes]], tuple[pa.Table, dict[str, str]]]
"""Takes the contents of files by name; returns a row for each readable picture, and why each other is unreadable."""


class PredictionWorker:
    """Makes the rows of `emotionart predict`; loads the runs when it is created.

    Args:
        runs: run folders.
        trust: as for `load_run`.
        threshold: threshold of the prediction sets; None for no sets.
    """

    def __init__(self, runs: Sequence[Path], trust: bool, threshold: float | None) -> None:
        self._ensemble = load_ensemble(runs, trust)
        self._columns = Columns(self._ensemble.classes, len(runs) > 1, threshold)

    def __call__(self, contents: Mapping[str, bytes]) -> tuple[pa.Table, dict[str, str]]:
        """Rows of predictions."""
        predictions = predict_contents(self._ensemble, contents, thumbnails=False)
        rows = [self._columns.row(prediction) for prediction in predictions if not prediction.reason]
        bad = {prediction.image: prediction.reason for prediction in predictions if prediction.reason}
        return pa.Table.from_pylist(rows), bad


class FeatureWorker:
    """Makes the rows of `emotionart features`.

    Args:
        sets: names of feature sets.
    """

    def __init__(self, sets: Sequence[str]) -> None:
        self._sets = sets

    def __call__(self, contents: Mapping[str, bytes]) -> tuple[pa.Table, dict[str, str]]:
        """Rows of features."""
        table = measure_contents(contents, self._sets, FeatureSettings())
        bad = {image: reason for image, reason in zip(table.image, table.reason, strict=True) if reason}
        return pa.Table.from_pandas(table.readable().frame(), preserve_index=False), bad
