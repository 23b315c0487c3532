"""The threshold of prediction sets, calibrated on the validation artworks of runs (split conformal prediction)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from emotionart.errors import UserError
from emotionart.run.folder import RunFolder
from emotionart.run.predictions import Predictions
from emotionart.statistics.calibration.conformal import fewest_artworks, highest_level, set_threshold


def runs_threshold(folders: Sequence[Path], level: float) -> float:
    """The probability from which a class belongs to the prediction set, for the mean probabilities of some runs.

    Args:
        folders: run folders.
        level: fraction of pictures whose set is to hold the true class, above 0 and below 1.

    Raises:
        UserError: for a run without predictions, runs with different validation artworks, or too few of these.
    """
    validation = [_validation(folder) for folder in folders]
    first = validation[0]
    for folder, other in zip(folders, validation, strict=True):
        if not (np.array_equal(other.id, first.id) and np.array_equal(other.label, first.label)):
            raise UserError(
                f"This run has other validation artworks or labels than {folders[0]}, so that there is none to "
                "calibrate the sets of both on.",
                where=str(folder),
                fix="runs of one split, or no --sets",
            )
    fewest = fewest_artworks(level)
    if len(first.id) < fewest:
        possible = highest_level(len(first.id))
        raise UserError(
            f"Sets that hold the true class in {100 * level:g}% need {fewest} validation artworks, and there are "
            f"{len(first.id)}.",
            where="--sets",
            fix=f"--sets {possible:g}   or a lower one" if possible else "a run with validation artworks",
        )
    return set_threshold(np.mean([one.probabilities for one in validation], axis=0), first.truth, level)


def _validation(folder: Path) -> Predictions:
    file = RunFolder(folder).predictions
    if not file.exists():
        raise UserError("This run has no predictions, so there is nothing to calibrate sets on.", where=str(file))
    predictions = Predictions.read(file).of_part("validation")
    return predictions.take(np.argsort(predictions.id.astype(str)))
