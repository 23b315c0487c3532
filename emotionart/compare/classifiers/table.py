"""A table of classifiers: its rows, and which of them differ significantly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from emotionart.compare.classifiers.differences import Differences, find_differences
from emotionart.compare.classifiers.ensembles import EnsembleRow, ensembles
from emotionart.compare.classifiers.rows import Row, read_rows
from emotionart.compare.runs import RunsByRow, pools


@dataclass(frozen=True)
class Table:
    """A comparison of classifiers. Values that the runs do not share are None.

    Attributes:
        rows: baselines first, then rows in the plan's order.
        differences: which rows differ; None if fewer than two share a test split.
        majority: test accuracy of the majority baseline.
        ceiling: upper bound of the expected test accuracy of any model, where known.
        oracle: test accuracy of the best possible model on these very labels, where known.
        test_artworks: number of test artworks, in all folds together.
        split_source: where the split is defined, if it comes with the data.
        ensembles: ensembles of rows with several seeds, not compared with other rows.
        folds: number of folds of a cross-validation; None for a single split.
    """

    rows: tuple[Row, ...]
    differences: Differences | None
    majority: float | None
    ceiling: float | None
    oracle: float | None
    test_artworks: int | None
    split_source: str | None
    ensembles: tuple[EnsembleRow, ...] = ()
    folds: int | None = None

    @property
    def group(self) -> tuple[str, ...]:
        """(R,) letters: rows that share one do not differ significantly; "" for a row that cannot be compared."""
        return self.differences.letters if self.differences else ("",) * len(self.rows)


def compare(runs_by_row: RunsByRow) -> Table:
    """Compares runs of classifiers.

    Args:
        runs_by_row: runs by row.
    """
    results = [run.result for runs in runs_by_row.values() for run in runs if run.result]
    tested = [pool for runs in runs_by_row.values() for pool in pools(runs)]
    rows = read_rows(runs_by_row)
    return Table(
        rows,
        find_differences(rows),
        _shared(result["baselines"]["majority"]["test"]["acc"]["value"] for result in results),
        _shared(result["ceiling"]["test"] if result["ceiling"] else None for result in results),
        _shared(result["oracle"]["test"] if result["oracle"] else None for result in results),
        _shared(sum(run.result["test"]["n"] for run in pool if run.result) for pool in tested),
        _shared(result["split"]["source"] if result.get("split") else None for result in results),
        ensembles(rows, runs_by_row),
        _shared(run.fold.count if run.fold else None for runs in runs_by_row.values() for run in runs),
    )


def _shared(values: Iterable[Any]) -> Any:
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None
