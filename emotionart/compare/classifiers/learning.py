"""Learning curves: rows that differ only in `data.train_count`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emotionart.compare.runs import TRAIN_COUNT, RunsByRow, SweepRun
from emotionart.statistics.learning_curve import PowerLaw, fit_power_law

_MORE = 500
"""Number of additional artworks whose expected gain is reported."""


@dataclass(frozen=True)
class LearningCurve:
    """The accuracy of a model against its number of training artworks.

    Attributes:
        name: name of the rows, without the number.
        counts: numbers of training artworks, ascending.
        accuracy: for each count, the test accuracies of its runs, on the same test artworks.
        law: fitted power law; None for too few counts, or if the runs of a count share one draw of artworks.
    """

    name: str
    counts: tuple[int, ...]
    accuracy: tuple[tuple[float, ...], ...]
    law: PowerLaw | None

    def sentence(self) -> str:
        """A sentence: accuracy at both ends of the curve, and the expected gain from more artworks."""
        ends = [
            f"{100 * sum(draws) / len(draws):.1f} % with {count:,}"
            for count, draws in zip(self.counts, self.accuracy, strict=True)
        ]
        sentence = f"{self.name}: {ends[0]} artworks to learn from, {ends[-1]}"
        if self.law is None:
            return f"{sentence}."
        gain, low, high = (100 * value for value in self.law.gain(self.counts[-1], _MORE))
        return f"{sentence}; {_MORE} more would bring {gain:+.1f} points ({low:+.1f} to {high:+.1f})."


def read_curves(runs_by_row: RunsByRow) -> list[LearningCurve]:
    """The learning curves of all models that were trained with two or more numbers of artworks.

    Args:
        runs_by_row: runs by row.
    """
    by_model: dict[str, dict[int, list[SweepRun]]] = {}
    for row, runs in runs_by_row.items():
        for run in runs:
            if run.result and run.fold is None and (count := run.train_count) is not None:
                name = ", ".join(word for word in row.split(", ") if word != f"{TRAIN_COUNT}{count}") or "model"
                by_model.setdefault(name, {}).setdefault(count, []).append(run)
    return [_curve(name, runs) for name, runs in by_model.items() if len(runs) > 1]


def curve_notes(curves: Sequence[LearningCurve]) -> list[str]:
    """Notes on the curves, and what their intervals refer to; empty without curves."""
    if not curves:
        return []
    fitted = any(curve.law for curve in curves)
    how = (
        " Gains are those of a power law, error = a + b n^-c, fitted to the means and carried a little further; their "
        "intervals resample the draws of the training artworks, for these test artworks."
        if fitted
        else ""
    )
    return [
        f"Learning curves, over the runs of each number of training artworks.{how}",
        *(curve.sentence() for curve in curves),
    ]


def _curve(name: str, runs: Mapping[int, Sequence[SweepRun]]) -> LearningCurve:
    counts = tuple(sorted(runs))
    accuracy = tuple(tuple(run.result["test"]["acc"]["value"] for run in runs[count] if run.result) for count in counts)
    drawn = all(len({run.provenance["data"] for run in runs[count]}) == len(runs[count]) for count in counts)
    return LearningCurve(name, counts, accuracy, fit_power_law(counts, accuracy) if drawn else None)
