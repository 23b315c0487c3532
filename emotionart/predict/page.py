"""Predictions as one self-contained page: thumbnails, sorted and filtered by class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from emotionart.data.tables.noun import Noun, plural
from emotionart.errors import UserError
from emotionart.figures.page import render
from emotionart.files import write_text
from emotionart.predict.prediction import Prediction
from emotionart.predict.tables import Columns
from emotionart.run.folder import RunFolder
from emotionart.run.names import Names
from emotionart.statistics.calibration.uncertainty import entropy

MOST_PICTURES = 6000
"""Maximum number of pictures on a page; browsers are slow with more."""


def require_few(pictures: int) -> None:
    """Checks, before anything is computed, that one page can hold so many pictures.

    Raises:
        UserError: for more than `MOST_PICTURES`.
    """
    if pictures > MOST_PICTURES:
        raise UserError(
            f"A page holds {MOST_PICTURES:,} pictures, and these are {pictures:,}.",
            where="--page",
            fix="a page for each of several folders, or --out for all",
        )


def write_page(
    path: Path,
    predictions: Iterable[Prediction],
    columns: Columns,
    runs: Sequence[RunFolder],
    *,
    noun: Noun = "class",
    level: float | None = None,
) -> None:
    """Writes the page atomically.

    Args:
        path: HTML file to write.
        predictions: predictions with thumbnails; those of unreadable pictures are left out.
        columns: classes, and the threshold of the sets.
        runs: run folders; the captions have the titles and artists that these know.
        noun: word for a class.
        level: fraction of pictures whose set holds the true class, above 0 and below 1; None without sets.
    """
    names = Names.of(runs)
    pictures = [_picture(prediction, columns, names) for prediction in predictions if not prediction.reason]
    content = {"classes": list(columns.classes), "pictures": pictures}
    write_text(
        path,
        render(
            "predictions.html",
            runs=[run.path.name for run in runs],
            noun=noun,
            nouns=plural(noun),
            classes=list(columns.classes),
            ensemble=columns.ensemble,
            level=None if level is None else f"{100 * level:g} %",
            content=content,
        ),
    )


def _picture(prediction: Prediction, columns: Columns, names: Names) -> dict[str, Any]:
    """The data of a picture for `predictions.js`, under short names, since there are thousands of pictures."""
    picture: dict[str, Any] = {
        "name": prediction.image,
        "caption": names.caption(prediction.image, Path(prediction.image).name),
        "p": [round(share, 6) for share in prediction.probabilities],
        "entropy": round(float(entropy(np.array(prediction.probabilities))), 4),
        "source": prediction.thumbnail,
    }
    if prediction.mutual_information is not None:
        picture["spread"] = round(prediction.mutual_information, 4)
    if columns.threshold is not None:
        picture["set"] = [columns.classes.index(name) for name in columns.members(prediction)]
    return picture
