"""Predictions as a table: CSV, TSV, Parquet or JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from emotionart.data.tables.cells import spreadsheet_cell
from emotionart.errors import UserError
from emotionart.files import atomic_write
from emotionart.predict.prediction import Prediction
from emotionart.run.predictions import probability_columns
from emotionart.statistics.calibration.conformal import prediction_sets
from emotionart.statistics.calibration.uncertainty import entropy

ENDINGS = (".csv", ".tsv", ".parquet", ".jsonl")
"""Endings of the files that can be written."""

_CHUNK = 1024  # rows of Parquet that are held in memory at a time


def require_ending(path: Path) -> None:
    """Checks, before anything is computed, that predictions can be written under this name.

    Raises:
        UserError: for another ending.
    """
    if path.suffix.casefold() not in ENDINGS:
        raise UserError(
            f"Predictions are written to files that end in {', '.join(ENDINGS)}.",
            where=str(path),
            fix=f"--out {path.with_suffix('.csv')}",
        )


@dataclass(frozen=True)
class Columns:
    """The columns of a table of predictions.

    Attributes:
        classes: names of the K classes.
        ensemble: whether several runs predict, so that there is a column of their disagreement.
        threshold: probability from which a class is in the prediction set; None for no sets.
    """

    classes: Sequence[str]
    ensemble: bool
    threshold: float | None

    def row(self, prediction: Prediction) -> dict[str, Any]:
        """The cells of a row by column: image, class, probabilities, entropy and mutual information in nats, set."""
        shares = np.array(prediction.probabilities)
        row: dict[str, Any] = {"image": prediction.image, "class": self.classes[int(shares.argmax())]}
        row |= zip(probability_columns(self.classes), prediction.probabilities, strict=True)
        row["entropy"] = float(entropy(shares))
        if self.ensemble:
            row["mutual_information"] = prediction.mutual_information
        if self.threshold is not None:
            row["set"] = self.members(prediction)
        return row

    def members(self, prediction: Prediction) -> list[str]:
        """The classes in the prediction set of a picture; all of them without a threshold."""
        (chosen,) = prediction_sets(np.array([prediction.probabilities]), self.threshold or 0.0)
        return [name for name, member in zip(self.classes, chosen, strict=True) if member]


def write_table(path: Path, predictions: Iterable[Prediction], columns: Columns, spreadsheet: bool) -> None:
    """Writes a row for each readable picture, atomically and without holding all rows in memory.

    Args:
        path: file to write, with one of `ENDINGS`.
        predictions: predictions in order, at least one of them for a readable picture.
        columns: columns of the table.
        spreadsheet: whether to put an apostrophe before text in CSV that a spreadsheet would take for a formula.
    """
    rows = (columns.row(prediction) for prediction in predictions if not prediction.reason)
    ending = path.suffix.casefold()
    with atomic_write(path) as partial:
        if ending == ".parquet":
            _write_parquet(partial, rows)
            return
        with partial.open("w", encoding="utf-8", newline="") as file:
            if ending == ".jsonl":
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            else:
                _write_cells(file, "\t" if ending == ".tsv" else ",", rows, spreadsheet)


def _write_cells(file: TextIO, separator: str, rows: Iterable[dict[str, Any]], spreadsheet: bool) -> None:
    writer = csv.writer(file, delimiter=separator, lineterminator="\n")
    for number, row in enumerate(rows):
        if number == 0:
            writer.writerow(row)
        writer.writerow([_cell(value, spreadsheet) for value in row.values()])


def _cell(value: Any, spreadsheet: bool) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = "; ".join(value) if isinstance(value, list) else str(value)
    return spreadsheet_cell(text) if spreadsheet else text


def _write_parquet(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = (pa.Table.from_pylist(chunk) for chunk in iter(lambda: list(islice(rows, _CHUNK)), []))
    first = next(tables)
    with pq.ParquetWriter(path, first.schema) as writer:
        for table in chain([first], tables):
            writer.write_table(table)
