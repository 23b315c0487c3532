"""Which rows of a table differ significantly, and which differences could be detected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from emotionart.compare.classifiers.predictions import RowPredictions
from emotionart.compare.classifiers.rows import Row
from emotionart.statistics.cross_validation import corrected_resampled, fold_differences
from emotionart.statistics.crossed import SeedVariance, accuracy_difference, pooled, seed_variance
from emotionart.statistics.estimate import LEVEL, Estimate, GroupSizes
from emotionart.statistics.letters import letters
from emotionart.statistics.significance import difference_p, holm, smallest_p


@dataclass(frozen=True)
class Differences:
    """Pairwise comparisons of rows on one test split, and their power.

    Attributes:
        compared: (R,) whether a row is on the test split that most rows share.
        differ: (R, R) whether two of those rows differ significantly, at 5 % after Holm's correction.
        letters: (R,) rows that share a letter do not differ significantly; "" for a row that is not compared.
        pairs: number of compared pairs of rows.
        clusters: the clusters of test artworks (artists, or single artworks).
        underpowered: whether there are too few clusters to detect any difference.
        detectable: smallest and largest difference in accuracy that a single comparison detects with a power of 80 %,
            over pairs of rows that share a letter (over all pairs if none do); None if no two rows are right about
            different artworks.
        detectable_corrected: largest such difference with Holm's correction for the number of pairs; None likewise.
        conservative: for cross-validated rows, the pairs that differ, with Nadeau and Bengio's p-value.
    """

    compared: NDArray[np.bool_]
    differ: NDArray[np.bool_]
    letters: tuple[str, ...]
    pairs: int
    clusters: GroupSizes
    underpowered: bool
    detectable: tuple[float, float] | None
    detectable_corrected: float | None
    conservative: tuple[tuple[str, str, float], ...] = ()

    @property
    def any(self) -> bool:
        """Whether any two rows differ."""
        return bool(self.differ.any())

    @property
    def readable(self) -> bool:
        """Whether the alphabet has a letter for each set of rows that cannot be told apart."""
        return "'" not in "".join(self.letters)


def find_differences(rows: Sequence[Row]) -> Differences | None:
    """Compares the rows that share a test split; None if fewer than two do, or if no two of several models do.

    Args:
        rows: rows of a table.
    """
    shared = _shared_test(rows)
    if len(shared) < 2:
        return None
    shared.sort(key=lambda index: -(rows[index].mean("acc") or 0))
    cluster = _predictions(rows[shared[0]]).cluster
    pairs = [_Pair(rows[a], rows[b], cluster) for a, b in combinations(shared, 2)]
    unlike = [p_value < LEVEL for p_value in holm([pair.p_value() for pair in pairs])]
    differ = np.zeros((len(rows), len(rows)), dtype=bool)
    first, second = np.array(list(combinations(shared, 2))).T
    differ[first, second] = differ[second, first] = unlike
    letter = dict(zip(shared, letters(differ[np.ix_(shared, shared)]), strict=True))

    seeds = pooled(seed_variance(_predictions(rows[index]).hits, cluster) for index in shared)
    undecided = [pair for pair, apart in zip(pairs, unlike, strict=True) if not apart] or pairs
    estimates = _varying(undecided, seeds) or _varying(pairs, seeds)
    single = [estimate.detectable() for estimate in estimates]
    return Differences(
        compared=np.isin(np.arange(len(rows)), shared),
        differ=differ,
        letters=tuple(letter.get(index, "") for index in range(len(rows))),
        pairs=len(pairs),
        clusters=GroupSizes.of(cluster),
        underpowered=smallest_p(cluster) * len(pairs) >= LEVEL,
        detectable=(min(single), max(single)) if single else None,
        detectable_corrected=max((estimate.detectable(LEVEL / len(pairs)) for estimate in estimates), default=None),
        conservative=tuple(
            (pair.a.name, pair.b.name, p_value)
            for pair, apart in zip(pairs, unlike, strict=True)
            if apart and (p_value := pair.conservative_p()) is not None
        ),
    )


def _varying(pairs: Iterable[_Pair], seeds: SeedVariance | None) -> list[Estimate]:
    """The differences of pairs that are not right about the same artworks; those have no variance.

    The majority baseline and a network that always predicts its class are such a pair.
    """
    estimates = [pair.difference(seeds) for pair in pairs]
    return [estimate for estimate in estimates if not estimate.known or estimate.variance > 0]


@dataclass(frozen=True)
class _Pair:
    """Two rows on the same test artworks."""

    a: Row
    b: Row
    cluster: NDArray[np.intp]

    @property
    def fixed(self) -> bool:
        return self.a.baseline or self.b.baseline

    def p_value(self) -> float:
        a, b = _predictions(self.a), _predictions(self.b)
        return difference_p(a.hits, b.hits, self.cluster, fixed=self.fixed, factor=a.factor)

    def conservative_p(self) -> float | None:
        """Nadeau and Bengio's p-value for cross-validated rows with the same repeats; else None."""
        a, b = _predictions(self.a), _predictions(self.b)
        if a.fold is None or b.fold is None or not np.array_equal(np.unique(a.fold), np.unique(b.fold)):
            return None
        folds = len(np.unique(a.fold[0]))
        return corrected_resampled(fold_differences(a.hits, b.hits, (a.fold, b.fold)), folds).p_value()

    def difference(self, seeds: SeedVariance | None) -> Estimate:
        a, b = _predictions(self.a), _predictions(self.b)
        return accuracy_difference(a.hits, b.hits, self.cluster, fixed=self.fixed, seeds=seeds, factor=a.factor)


def _shared_test(rows: Sequence[Row]) -> list[int]:
    """Positions of the rows on the test split of most models; on a tie, of most rows, or the one that comes first.

    Empty if no two of several models share one: each could only be compared with its own baselines.
    """
    compared = [index for index, row in enumerate(rows) if row.predictions]
    sharing = [
        [other for other in compared if _predictions(rows[index]).shares_artworks(_predictions(rows[other]))]
        for index in compared
    ]
    most = max(sharing, key=lambda indices: (_models(rows, indices), len(indices)), default=[])
    tested = [index for index, row in enumerate(rows) if "acc" in row.values]
    return most if _models(rows, most) > 1 or _models(rows, tested) < 2 else []


def _models(rows: Sequence[Row], indices: Sequence[int]) -> int:
    return sum(not rows[index].baseline for index in indices)


def _predictions(row: Row) -> RowPredictions:
    assert row.predictions is not None
    return row.predictions
