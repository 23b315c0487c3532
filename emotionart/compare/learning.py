"""Rows that differ in `data.train_count` alone, as learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emotionart.compare.runs import TRAIN_COUNT, SweepRun
from emotionart.statistics.learning_curve import PowerLaw, fit_power_law

_MORE = 500
"""Artworks of which a sentence says what they would bring."""


@dataclass(frozen=True)
class LearningCurve:
    """The accuracy of one model against the number of artworks that it learns from.

    Attributes:
        name: of the rows, without the number.
        counts: of training artworks, rising.
        accuracy: of each count, its runs, on the same test artworks.
        law: fitted to them; None for too few counts, or where runs of one count are not draws of their own.
    """

    name: str
    counts: tuple[int, ...]
    accuracy: tuple[tuple[float, ...], ...]
    law: PowerLaw | None

    def sentence(self) -> str:
        """The curve's ends, and what more artworks would bring."""
        ends = [
            f"{100 * sum(draws) / len(draws):.1f} % with {count:,}"
            for count, draws in zip(self.counts, self.accuracy, strict=True)
        ]
        told = f"{self.name}: {ends[0]} artworks to learn from, {ends[-1]}"
        if self.law is None:
            return f"{told}."
        gain, low, high = (100 * value for value in self.law.gain(self.counts[-1], _MORE))
        return f"{told}; {_MORE} more would bring {gain:+.1f} points ({low:+.1f} to {high:+.1f})."


def read_curves(members: Mapping[str, Sequence[SweepRun]]) -> list[LearningCurve]:
    """The curves of all models that were trained with two or more numbers of artworks.

    Args:
        members: runs by row.
    """
    found: dict[str, dict[int, list[SweepRun]]] = {}
    for row, runs in members.items():
        for run in runs:
            if run.result and run.fold is None and (count := run.train_count) is not None:
                name = ", ".join(word for word in row.split(", ") if word != f"{TRAIN_COUNT}{count}") or "model"
                found.setdefault(name, {}).setdefault(count, []).append(run)
    return [_curve(name, runs) for name, runs in found.items() if len(runs) > 1]


def curve_notes(curves: Sequence[LearningCurve]) -> list[str]:
    """What the curves say, with what their intervals speak of; nothing for none."""
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
