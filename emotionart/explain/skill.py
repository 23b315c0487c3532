"""Whether a network is above chance; if not, there is nothing to explain."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotionart.run.clusters import clusters
from emotionart.run.folder import RunFolder
from emotionart.run.predictions import Predictions
from emotionart.statistics.estimate import clustered_mean


@dataclass(frozen=True)
class Skill:
    """A network's accuracy compared with that of the majority baseline.

    Attributes:
        accuracy: share of correctly classified artworks.
        chance: accuracy of the majority baseline on them: the share of the largest class of the training split.
        n: number of artworks.
        above_chance: whether the accuracy is clearly above chance, see `is_above`.
    """

    accuracy: float
    chance: float
    n: int
    above_chance: bool

    def warning(self, consequence: str = "There is nothing to explain.") -> str | None:
        """The warning to show first if the network is not above chance, with what follows from it; else None."""
        if self.above_chance:
            return None
        return (
            f"This network is not clearly above chance: it is right on {self.accuracy:.0%} of {self.n} artworks, and "
            f"the majority baseline on {self.chance:.0%}. {consequence}"
        )


def is_above(hits: NDArray[np.float64], baseline: NDArray[np.bool_], group: NDArray[np.intp]) -> bool:
    """Whether the 95 % interval of the lead in accuracy over a baseline, paired by artwork, is above 0.

    Args:
        hits: (n,) how often each artwork is classified correctly, 0 to 1.
        baseline: (n,) whether the baseline is right on it.
        group: (n,) numbers from 0 of the groups of dependent artworks.
    """
    return clustered_mean(hits - baseline, group).interval(-1, 1)[0] > 0


def measure_skill(
    probabilities: NDArray[np.float64], label: NDArray[np.int64], majority: int, group: NDArray[np.intp]
) -> Skill | None:
    """The skill on the artworks whose class is known; None if there are none.

    Args:
        probabilities: (n, K) predicted probabilities.
        label: (n,) true classes, -1 where unknown.
        majority: the largest class of the training split.
        group: (n,) numbers from 0 of the groups of dependent artworks.
    """
    known = label >= 0
    if not known.any():
        return None
    right = (probabilities[known].argmax(axis=1) == label[known]).astype(np.float64)
    baseline = label[known] == majority
    return Skill(float(right.mean()), float(baseline.mean()), int(known.sum()), is_above(right, baseline, group[known]))


def run_skill(run: Path, majority: int) -> Skill | None:
    """The skill on a run's test split, from `predictions.csv` and `split.csv`; None if the run has no predictions.

    Args:
        run: run folder.
        majority: the largest class of its training split.

    Raises:
        UserError: for a damaged file.
    """
    folder = RunFolder(run)
    if not folder.predictions.exists():
        return None
    test = Predictions.read(folder.predictions).of_part("test")
    return measure_skill(test.probabilities, test.truth, majority, clusters([folder], test.id))
