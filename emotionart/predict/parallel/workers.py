"""What each process does with pictures: loads what it needs once, then makes rows of their contents."""

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
"""Takes the contents of files by name; gives a row for each that can be read, and reasons why others cannot."""


class PredictionWorker:
    """The rows of `emotionart predict`.

    Args:
        runs: their folders.
        trust: as for `load_run`.
        threshold: of the sets; None for no sets.
    """

    def __init__(self, runs: Sequence[Path], trust: bool, threshold: float | None) -> None:
        self._ensemble = load_ensemble(runs, trust)
        self._columns = Columns(self._ensemble.classes, len(runs) > 1, threshold)

    def __call__(self, contents: Mapping[str, bytes]) -> tuple[pa.Table, dict[str, str]]:
        """Rows with the run's numbers."""
        predictions = predict_contents(self._ensemble, contents, thumbnails=False)
        rows = [self._columns.row(prediction) for prediction in predictions if not prediction.reason]
        bad = {prediction.image: prediction.reason for prediction in predictions if prediction.reason}
        return pa.Table.from_pylist(rows), bad


class FeatureWorker:
    """The rows of `emotionart features`.

    Args:
        sets: names of feature sets.
    """

    def __init__(self, sets: Sequence[str]) -> None:
        self._sets = sets

    def __call__(self, contents: Mapping[str, bytes]) -> tuple[pa.Table, dict[str, str]]:
        """Rows with the features."""
        table = measure_contents(contents, self._sets, FeatureSettings())
        bad = {image: reason for image, reason in zip(table.image, table.reason, strict=True) if reason}
        return pa.Table.from_pandas(table.readable().frame(), preserve_index=False), bad
