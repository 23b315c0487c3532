"""Learning curves: accuracy as a function of the number of training artworks, and the expected gain from more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emotionart.statistics.estimate import TAILS

Array = NDArray[np.float64]

LEAST = 4
"""Minimum number of counts for a fit: one more than there are parameters."""

_DRAWS = 1_000
_RATES = np.geomspace(0.1, 2.0, 300)


@dataclass(frozen=True)
class PowerLaw:
    """Power law error(n) = floor + scale n^-rate, as Hestness et al. (2017) found for many tasks, with a bootstrap.

    Attributes:
        parameters: (3,) floor, scale, rate.
        resampled: (B, 3) parameters fitted to resampled draws.
    """

    parameters: Array
    resampled: Array

    def accuracy(self, count: ArrayLike) -> Array:
        """Expected accuracy with `count` training artworks."""
        return 1 - _error(np.asarray(count, dtype=float), *self.parameters)

    def gain(self, count: int, more: int) -> tuple[float, float, float]:
        """Expected gain in accuracy from `more` artworks in addition to `count`, and its 95 % interval."""
        gains = np.array([_gain(one, count, more) for one in self.resampled])
        low, high = np.quantile(gains, TAILS)
        return _gain(self.parameters, count, more), float(low), float(high)


def fit_power_law(counts: Sequence[int], accuracy: Sequence[Sequence[float]], seed: int = 0) -> PowerLaw | None:
    """Fits a power law to the mean accuracies by least squares; the bootstrap resamples the draws of each count.

    Draws share the test artworks, so the intervals cover other training artworks, but not other test artworks.

    Args:
        counts: numbers of training artworks.
        accuracy: accuracies, 0 to 1, of the draws of each count.
        seed: seed of the bootstrap.

    Returns:
        None for fewer than `LEAST` counts, or a count with a single draw.
    """
    if len(counts) < LEAST or min(map(len, accuracy)) < 2:
        return None
    draws = [np.asarray(one) for one in accuracy]
    generator = np.random.default_rng(seed)
    means = np.array([[one.mean() for one in draws]])
    again = np.stack([generator.choice(one, (_DRAWS, len(one))).mean(axis=1) for one in draws], axis=1)
    return PowerLaw(_fit(counts, 1 - means)[0], _fit(counts, 1 - again))


def _fit(counts: Sequence[int], error: Array) -> Array:
    """(B, 3) floor >= 0, scale >= 0 and rate of errors (B, C), by linear least squares for each candidate rate."""
    x = np.asarray(counts, dtype=float) ** -_RATES[:, None]  # (R, C)
    centred = x - x.mean(axis=1, keepdims=True)
    scale = np.maximum(error @ (centred / (centred**2).sum(axis=1, keepdims=True)).T, 0)  # (B, R)
    floor = error.mean(axis=1, keepdims=True) - scale * x.mean(axis=1)
    through_zero = error @ (x / (x**2).sum(axis=1, keepdims=True)).T
    scale, floor = np.where(floor < 0, through_zero, scale), np.maximum(floor, 0)
    left = error[:, None, :] - floor[..., None] - scale[..., None] * x
    best = (left**2).sum(axis=2).argmin(axis=1)
    rows = np.arange(len(error))
    return np.stack([floor[rows, best], scale[rows, best], _RATES[best]], axis=1)


def _error(count: Array, floor: float, scale: float, rate: float) -> Array:
    return np.asarray(floor + scale * count**-rate)


def _gain(parameters: Array, count: int, more: int) -> float:
    before, after = _error(np.array([count, count + more], dtype=float), *parameters)
    return float(before - after)
