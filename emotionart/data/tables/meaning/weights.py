"""The weights of the rows of a table."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.annotation import PERSONS
from emotionart.data.tables.layouts.layout import Layout
from emotionart.data.tables.meaning.numerals import as_numbers
from emotionart.data.tables.wording import row_numbers
from emotionart.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_WEIGHTS = {
    *("share", "weight", "count", "vote", "proportion", "probability", "prob", "percent", "percentage", "score"),
    *("n", "num", "number", "freq", "frequency", "strength", "intensity", "value"),
}
_RATED = {"score", "rating", "value", "strength", "intensity"}  # a weight that may be a rating of every label
_COUNTED = {"annotators", "raters", "voters"}  # a weight in the plural; in the singular, a person's number


def weigh_rows(frame: pd.DataFrame, layout: Layout, path: Path) -> tuple[NDArray[np.float64], list[UserError]]:
    """The weight of each row, and errors found."""
    if layout.weight is None:
        unused = weight_column(frame) if layout.rows == "votes" else None
        if unused is not None:
            log.warning("column %r seems to say how much a row counts; to use it: data.weight=%s", unused, unused)
        return np.ones(len(frame)), []
    numbers, wrong = as_numbers(frame[[layout.weight]])
    if not wrong.any():
        return numbers[:, 0], []
    rows = row_numbers(frame.index[wrong[:, 0]].tolist())
    mistake = UserError(
        f"Weights must be numbers from 0; column {layout.weight!r} has others.", where=f"{path}: {rows}"
    )
    return np.where(wrong, 0, numbers)[:, 0], [mistake]


def weight_column(frame: pd.DataFrame) -> str | None:
    """A numeric column whose name suggests that it holds weights; None if there is none."""
    for name in frame.columns:
        words = set(_words(name))
        weighs = words & _COUNTED or {word.removesuffix("s") for word in words} & _WEIGHTS
        if weighs and not words & {*PERSONS, "id", "user"} and not as_numbers(frame[[name]])[1].any():
            return str(name)
    return None


def may_rate(column: str) -> bool:
    """Whether the name of a column of weights suggests ratings of every label, rather than counts."""
    return bool(set(_words(column)) & _RATED)


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z]+", name.casefold())
