"""Whether a network is above chance at all: what is not cannot be explained."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from emotionart.statistics.baseline import majority_share


@dataclass(frozen=True)
class Skill:
    """A network's accuracy beside that of always naming the largest class.

    Attributes:
        accuracy: share of the artworks on which it is right.
        chance: share of the largest class among them.
        n: artworks.
    """

    accuracy: float
    chance: float
    n: int

    @property
    def above_chance(self) -> bool:
        """Whether the 95 % interval of the accuracy (Clopper-Pearson) is above chance."""
        low: float = binomtest(round(self.accuracy * self.n), self.n).proportion_ci(0.95).low
        return low > self.chance

    def warning(self) -> str | None:
        """What is to be said before anything else of a network that is not above chance; None of one that is."""
        if self.above_chance:
            return None
        return (
            f"This network is not clearly above chance: it is right on {self.accuracy:.0%} of {self.n} artworks, and "
            f"always naming the largest class on {self.chance:.0%}. There is nothing for maps to explain."
        )


def measure_skill(probabilities: NDArray[np.float64], label: NDArray[np.int64]) -> Skill | None:
    """The skill on the artworks whose class is known, None where there are none.

    Args:
        probabilities: (n, K).
        label: (n,) true classes, -1 where unknown.
    """
    known = label >= 0
    if not known.any():
        return None
    right = probabilities[known].argmax(axis=1) == label[known]
    return Skill(float(right.mean()), majority_share(label[known]), int(known.sum()))


def run_skill(run: Path, classes: tuple[str, ...]) -> Skill | None:
    """The skill on a run's test split, as `predictions.csv` tells it; None for a run that has left none."""
    file = run / "predictions.csv"
    if not file.exists():
        return None
    with file.open(newline="", encoding="utf-8") as rows:
        test = [row for row in csv.DictReader(rows) if row["part"] == "test"]
    probabilities = np.array([[float(row[f"p({name})"]) for name in classes] for row in test])
    return measure_skill(probabilities, np.array([classes.index(row["class"]) for row in test], dtype=np.int64))
