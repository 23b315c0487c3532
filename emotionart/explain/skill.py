"""Whether a network is above chance; if not, there is nothing to explain."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from emotionart.run.folder import RunFolder
from emotionart.run.predictions import Predictions
from emotionart.statistics.estimate import LEVEL


@dataclass(frozen=True)
class Skill:
    """A network's accuracy compared with that of the majority baseline.

    Attributes:
        accuracy: share of correctly classified artworks.
        chance: accuracy of the majority baseline on them: the share of the largest class of the training split.
        n: number of artworks.
    """

    accuracy: float
    chance: float
    n: int

    @property
    def above_chance(self) -> bool:
        """Whether the 95 % interval of the accuracy (Clopper-Pearson) is above chance."""
        low: float = binomtest(round(self.accuracy * self.n), self.n).proportion_ci(1 - LEVEL).low
        return low > self.chance

    def warning(self) -> str | None:
        """The warning to show first if the network is not above chance; else None."""
        if self.above_chance:
            return None
        return (
            f"This network is not clearly above chance: it is right on {self.accuracy:.0%} of {self.n} artworks, and "
            f"the majority baseline on {self.chance:.0%}. There is nothing for maps to explain."
        )


def measure_skill(probabilities: NDArray[np.float64], label: NDArray[np.int64], majority: int) -> Skill | None:
    """The skill on the artworks whose class is known; None if there are none.

    Args:
        probabilities: (n, K) predicted probabilities.
        label: (n,) true classes, -1 where unknown.
        majority: the largest class of the training split.
    """
    known = label >= 0
    if not known.any():
        return None
    right = probabilities[known].argmax(axis=1) == label[known]
    return Skill(float(right.mean()), float((label[known] == majority).mean()), int(known.sum()))


def run_skill(run: Path, majority: int) -> Skill | None:
    """The skill on a run's test split, from `predictions.csv`; None if the run has none.

    Args:
        run: run folder.
        majority: the largest class of its training split.

    Raises:
        UserError: for a damaged file.
    """
    file = RunFolder(run).predictions
    if not file.exists():
        return None
    test = Predictions.read(file).of_part("test")
    label = np.array([test.classes.index(name) for name in test.label], dtype=np.int64)
    return measure_skill(test.probabilities, label, majority)
