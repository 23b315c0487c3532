"""Labels that are measurements: telling them from classes, and binning them at quantiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from emotionart.data.tables.meaning.numerals import to_numbers
from emotionart.data.tables.noun import Noun
from emotionart.data.tables.table import ArtworkTable
from emotionart.data.tables.wording import some
from emotionart.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

_FEW_NUMBERS = 20  # up to this number, distinct whole numbers count as classes, however few artworks there are

_EXACT = 17  # digits that tell any two numbers apart


def numbers_of(cells: pd.Series[str]) -> NDArray[np.float64] | None:
    """The cells as numbers, NaN for empty ones; None if a cell is not a number, or all are empty."""
    numbers = np.asarray(to_numbers(cells), dtype=np.float64)
    empty = (cells == "").to_numpy()
    return None if empty.all() or not np.isfinite(numbers[~empty]).all() else numbers


def is_measured(numbers: NDArray[np.float64]) -> bool:
    """Whether numbers look like measurements rather than class names: fractions, or few repetitions."""
    finite = numbers[np.isfinite(numbers)]
    different = len(np.unique(finite))
    fractions = bool((finite != np.rint(finite)).any())
    return (fractions and different > 2) or different > max(_FEW_NUMBERS, len(finite) / 2)


def measured_column(measurement: NDArray[np.float64]) -> UserError:
    """The error for a measured column used as labels."""
    finite = measurement[np.isfinite(measurement)]
    return UserError(
        f"The labels look like a measurement: {len(np.unique(finite)):,} different numbers from {finite.min():g} to "
        f"{finite.max():g} on {len(finite):,} artworks.",
        where="data.label",
        fix="labels=quantiles labels.bins=3   to make ordered classes of them",
    )


@dataclass(frozen=True)
class Quantiles:
    """Ordered classes from a measured column: a target of the config group `labels`.

    Args:
        bins: number of classes, with equally many training artworks each.
        edges: ascending boundaries of the classes instead of quantiles; a number equal to an edge is above it.
        target: what a classifier learns; both options are equal here, as there are no votes.
        noun: what a class is, in the words of pages and cards.
    """

    bins: Annotated[int, Field(ge=2, le=100)]
    edges: Sequence[float] | None
    target: Literal["votes", "majority"]
    noun: Noun = "class"

    @property
    def ordered(self) -> bool:
        """Whether the classes have an order."""
        return True

    def group(
        self, table: ArtworkTable, training: NDArray[np.bool_] | None = None
    ) -> tuple[tuple[str, ...], NDArray[np.float32]]:
        """The names of the K classes, and one vote of each artwork with a number for its class, (n, K).

        Args:
            table: table of n artworks.
            training: (n,) which artworks determine the quantiles; None for all.

        Raises:
            UserError: if labels are not numbers, or too many are equal for this number of classes.
        """
        numbers = table.measurement
        if numbers is None:
            raise UserError(
                "labels=quantiles makes classes of a column of numbers; the labels of this table are none"
                + (f", such as {some([repr(label) for label in table.labels], 3)}." if table.labels else "."),
                where="data.label",
                fix="data.label=COLUMN   or labels=as_is",
            )
        finite = np.isfinite(numbers)
        edges = self._edges(numbers[finite if training is None or not (finite & training).any() else finite & training])
        place = np.searchsorted(edges, numbers, side="right")
        histogram = np.zeros((len(table), len(edges) + 1), dtype=np.float32)
        histogram[finite, place[finite]] = 1
        return _names(edges), histogram

    def labels_by_class(self, labels: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """No raw labels for any class, as classes are ranges of numbers."""
        return ((),) * (len(self.edges) + 1 if self.edges is not None else self.bins)

    def _edges(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.edges is not None:
            edges = np.asarray(self.edges, dtype=np.float64)
            if not len(edges) or (np.diff(edges) <= 0).any():
                raise UserError("Edges are ascending numbers.", where="labels.edges", fix="labels.edges=[3,5]")
            return edges
        edges = np.quantile(numbers, np.arange(1, self.bins) / self.bins)
        if (np.diff([numbers.min(), *edges]) <= 0).any():
            raise UserError(
                f"Too many numbers are equal for {self.bins} classes of one size: {len(np.unique(numbers))} are "
                "different.",
                where="labels.bins",
                fix="fewer labels.bins   or labels.edges=[...]",
            )
        return edges


def _names(edges: NDArray[np.float64]) -> tuple[str, ...]:
    """Names of the classes by their boundaries, to four significant digits, or as many as tell these apart."""
    whole = len(f"{np.abs(edges).max():.0f}")
    written = ([f"{edge:.{digits}g}" for edge in edges] for digits in range(min(max(4, whole), _EXACT), _EXACT + 1))
    ends = next(one for one in written if len(set(one)) == len(edges))
    between = [f"{low} to {high}" for low, high in pairwise(ends)]
    return (f"below {ends[0]}", *between, f"{ends[-1]} and above")
