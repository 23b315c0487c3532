"""Accuracy over artworks and seeds, both of which are drawn: crossed random effects.

A row of a table is a model trained with S seeds and tested on the same n artworks. Other artworks (or artists) would
give another accuracy, and so would other seeds. Both variances are estimated from the (S, n) hits and added; what
artworks alone scatter over seeds is in both, and is taken out of the second.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emotionart.statistics.estimate import Array, Estimate, clustered_mean, clustered_variance

Hits = NDArray[np.bool_]
"""(S, n): whether the run with each seed was right on each test artwork."""


@dataclass(frozen=True)
class SeedVariance:
    """How one run's accuracy scatters over seeds.

    Attributes:
        total: variance over seeds.
        artworks: what it would be if each seed only tossed a coin for each artwork (or artist).
        freedom: degrees of freedom, S - 1.
    """

    total: float
    artworks: float
    freedom: int


def seed_variance(hits: Hits, group: NDArray[np.intp]) -> SeedVariance | None:
    """The scatter over seeds of one row; None for a single seed.

    Args:
        hits: (S, n).
        group: (n,) what belongs together, numbers 0 to G - 1.
    """
    seeds, artworks = hits.shape
    if seeds < 2:
        return None
    accuracy = hits.mean(axis=1)
    residual = hits - hits.mean(axis=0) - accuracy[:, None] + accuracy.mean()
    alone = clustered_variance(residual / artworks, group) / (seeds - 1)
    return SeedVariance(float(accuracy.var(ddof=1)), alone, seeds - 1)


def pooled(variances: Iterable[SeedVariance | None]) -> SeedVariance | None:
    """The mean scatter of several rows, weighted by their degrees of freedom; None where no row has two seeds."""
    known = [variance for variance in variances if variance]
    freedom = sum(variance.freedom for variance in known)
    if not freedom:
        return None
    total, artworks = (
        sum(getattr(variance, name) * variance.freedom for variance in known) / freedom
        for name in ("total", "artworks")
    )
    return SeedVariance(total, artworks, freedom)


def mean_accuracy(hits: Hits, group: NDArray[np.intp], *, factor: float = 1.0) -> Estimate:
    """Mean accuracy over seeds: what other artworks and other seeds would give; of one seed, other artworks alone.

    Args:
        hits: (S, n).
        group: (n,) what belongs together, numbers 0 to G - 1.
        factor: by which the variance over artworks is multiplied; see `pooled_factor`.
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
    """How much more often one row is right than another on the same artworks.

    A row of one seed is a new run that scatters as the other row's do. Two rows of one seed each tell nothing of
    scatter over seeds: then artworks alone are counted.

    Args:
        a, b: (S, n) and (T, n).
        group: (n,) what belongs together, numbers 0 to G - 1.
        fixed: whether a row of one seed is of a model that no seed changes, such as a baseline.
        seeds: scatter over seeds of all rows of a table, in place of these two rows' own.
        factor: by which the variance over artworks is multiplied; see `pooled_factor`.
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
    """The mean of `values`, whose variance over seeds is a weighted sum; degrees of freedom after Satterthwaite (1946).

    Terms of one and the same estimate are one term, since their errors are the same.
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
    scatter = sum((variance.total * weight) ** 2 / variance.freedom for variance, weight in weights.items())
    return Estimate(artworks.value, total, total**2 / (artworks.variance**2 / artworks.freedom + scatter))
