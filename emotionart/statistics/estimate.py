"""An estimate with its variance and degrees of freedom; means over artworks that come in groups."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]

LEVEL = 0.05
"""Probability of an error: intervals hold the truth in 95 %, and tests call equal things different in 5 %."""

FEWEST_GROUPS = 20
"""Number of groups below which intervals deserve a warning."""


def few_groups_warning(groups: int) -> str | None:
    """What is to be said of a test split with few groups; None for 20 and more."""
    if groups >= FEWEST_GROUPS:
        return None
    return (
        f"Only {groups} artists (or single artworks) in the test split: intervals and tests are based on few of them."
    )


@dataclass(frozen=True)
class Estimate:
    """A number that scatters as Student's t does.

    Attributes:
        value: the number.
        variance: of the number.
        freedom: degrees of freedom of the variance; 0 where nothing can be said of it.
    """

    value: float
    variance: float
    freedom: float

    @property
    def known(self) -> bool:
        """Whether there is anything to estimate the variance from."""
        return self.freedom > 0

    def interval(self, low: float = -math.inf, high: float = math.inf) -> tuple[float, float]:
        """95 % interval, cut at the ends of the range; the whole range where the variance is unknown."""
        if not self.known:
            return low, high
        half = self._quantile(1 - LEVEL / 2) * math.sqrt(self.variance)
        return max(low, self.value - half), min(high, self.value + half)

    def p_value(self) -> float:
        """Two-sided p-value of zero; 1 where the variance is unknown."""
        if not self.known or self.value == 0:
            return 1.0
        if self.variance == 0:
            return 0.0
        return float(2 * stats.t.sf(abs(self.value) / math.sqrt(self.variance), self.freedom))

    def detectable(self, level: float = LEVEL, power: float = 0.8) -> float:
        """The difference from zero that a test at `level` finds with probability `power`; inf where unknown."""
        if not self.known:
            return math.inf
        return (self._quantile(1 - level / 2) + self._quantile(power)) * math.sqrt(self.variance)

    def _quantile(self, probability: float) -> float:
        return float(stats.t.ppf(probability, self.freedom))


def effective_groups(group: NDArray[np.intp]) -> float:
    """Kish's number of groups, n² / Σ n_g²: that of equal groups that would tell as much (Kish 1965).

    Args:
        group: (n,) numbers 0 to G - 1.
    """
    size = np.bincount(group)
    return float(size.sum() ** 2 / (size.astype(np.float64) ** 2).sum())


def clustered_variance(residual: Array, group: NDArray[np.intp]) -> float:
    """Variance of a sum of artworks' terms that scatter around zero, dependent within groups (Liang and Zeger 1986).

    G / (G - 1) Σ_g (Σ_{i in g} r_i)²; nan for a single group.

    Args:
        residual: (n,), or (S, n) for the sum over S independent sets of terms.
        group: (n,) numbers from 0; numbers that do not occur count for nothing.
    """
    groups = np.count_nonzero(np.bincount(group))
    if groups < 2:
        return math.nan
    by_group = np.stack([np.bincount(group, row) for row in np.atleast_2d(residual)])
    return float(groups / (groups - 1) * (by_group**2).sum())


def clustered_mean(values: Array, group: NDArray[np.intp]) -> Estimate:
    """The mean over artworks, with cluster-robust variance and Kish's number of groups less one degrees of freedom.

    Args:
        values: (n,), at least one.
        group: (n,) what belongs together, numbers 0 to G - 1.
    """
    mean = float(values.mean())
    return linearised(mean, (values - mean) / len(values), group)


def linearised(value: float, influence: Array, group: NDArray[np.intp]) -> Estimate:
    """A smooth function of means over artworks, whose variance is that of the sum of its influence values.

    Args:
        value: of the function.
        influence: (n,) by how much each artwork moves it: the delta method's terms, which add up to zero.
        group: (n,) what belongs together, numbers 0 to G - 1.
    """
    variance = clustered_variance(influence, group)
    known = math.isfinite(variance)
    return Estimate(value, variance if known else 0.0, effective_groups(group) - 1 if known else 0.0)
