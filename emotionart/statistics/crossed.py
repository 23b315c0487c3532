"""Accuracy over artworks and seeds as crossed random effects.

A row of a table is a model trained with S seeds and tested on the same n artworks. Other artworks (or artists) would
give another accuracy, and so would other seeds. Both variances are estimated from the (S, n) hits and added; the part
of the variance over seeds that is due to single artworks is in both, and is subtracted from the second.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emotionart.statistics.estimate import Array, Estimate, clustered_mean, clustered_variance

Hits = NDArray[np.bool_]
"""(S, n): whether the run with each seed predicted each test artwork correctly."""


@dataclass(frozen=True)
class SeedVariance:
    """Variance of a run's accuracy over seeds.

    Attributes:
        total: variance over seeds.
        artworks: the part of it that independent changes of single artworks (or artists) would cause.
        degrees_of_freedom: degrees of freedom, S - 1.
    """

    total: float
    artworks: float
    degrees_of_freedom: int


def seed_variance(hits: Hits, group: NDArray[np.intp]) -> SeedVariance | None:
    """Variance over seeds of one row; None for a single seed.

    Args:
        hits: (S, n) hits.
        group: (n,) numbers, 0 to G - 1, of the groups of dependent artworks.
    """
    seeds, artworks = hits.shape
    if seeds < 2:
        return None
    accuracy = hits.mean(axis=1)
    residual = hits - hits.mean(axis=0) - accuracy[:, None] + accuracy.mean()
    alone = clustered_variance(residual / artworks, group) / (seeds - 1)
    return SeedVariance(float(accuracy.var(ddof=1)), alone, seeds - 1)


def pooled(variances: Iterable[SeedVariance | None]) -> SeedVariance | None:
    """Mean variance over seeds of several rows, weighted by degrees of freedom; None if no row has two seeds."""
    present = [variance for variance in variances if variance]
    degrees_of_freedom = sum(variance.degrees_of_freedom for variance in present)
    if not degrees_of_freedom:
        return None
    total, artworks = (
        sum(getattr(variance, name) * variance.degrees_of_freedom for variance in present) / degrees_of_freedom
        for name in ("total", "artworks")
    )
    return SeedVariance(total, artworks, degrees_of_freedom)


def mean_accuracy(hits: Hits, group: NDArray[np.intp], *, factor: float = 1.0) -> Estimate:
    """Mean accuracy over seeds, with variance over artworks and seeds; for a single seed, over artworks only.

    Args:
        hits: (S, n) hits.
        group: (n,) numbers, 0 to G - 1, of the groups of dependent artworks.
        factor: factor of the variance over artworks; see `pooled_factor`. It is without effect where all hits agree.
    """
    own = seed_variance(hits, group)
    return _crossed(hits.mean(axis=0), group, [(own, 1 / len(hits))] if own else [], factor)


def accuracy_difference(
    a: Hits,
    b: Hits,
    group: NDArray[np.intp],
    *,
    fixed: bool = False,
    seeds: SeedVariance | None = None,
    factor: float = 1.0,
) -> Estimate:
    """Difference in accuracy between two rows on the same artworks.

    A row with one seed is assumed to vary over seeds like the other row. Two rows with one seed each say nothing about
    the variance over seeds: then only artworks are considered.

    Args:
        a, b: (S, n) and (T, n) hits.
        group: (n,) numbers, 0 to G - 1, of the groups of dependent artworks.
        fixed: whether a row with one seed is a model that does not depend on the seed, such as a baseline.
        seeds: variance over seeds of all rows of a table, instead of these two rows' own.
        factor: factor of the variance over artworks; see `pooled_factor`.
    """
    terms: list[tuple[SeedVariance, float]] = []
    for row, other in ((a, b), (b, a)):
        if fixed and len(row) == 1:
            continue
        if used := seeds or seed_variance(row, group) or seed_variance(other, group):
            terms.append((used, 1 / len(row)))
    return _crossed(a.mean(axis=0) - b.mean(axis=0), group, terms, factor)


def _crossed(
    values: Array, group: NDArray[np.intp], terms: Sequence[tuple[SeedVariance, float]], factor: float
) -> Estimate:
    """Mean of `values`, with a weighted sum of variances over seeds; degrees of freedom after Satterthwaite (1946).

    Terms with the same estimate are merged, since their errors are identical.
    """
    alone = clustered_mean(values, group)
    artworks = replace(alone, variance=factor * alone.variance)
    weights: dict[SeedVariance, float] = {}
    for variance, weight in terms:
        weights[variance] = weights.get(variance, 0) + weight
    excess = sum((variance.total - variance.artworks) * weight for variance, weight in weights.items())
    if not artworks.known or not excess > 0:
        return artworks
    total = artworks.variance + excess
    scatter = sum((variance.total * weight) ** 2 / variance.degrees_of_freedom for variance, weight in weights.items())
    return Estimate(artworks.value, total, total**2 / (artworks.variance**2 / artworks.degrees_of_freedom + scatter))
