"""Learning curves: accuracy against the number of artworks to learn from, and what more of them would bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

LEAST = 4
"""Counts that a curve needs to be fitted: one more than it has parameters."""

_DRAWS, _LEVEL = 1_000, 0.95
_RATES = np.geomspace(0.1, 2.0, 300)


@dataclass(frozen=True)
class PowerLaw:
    """error(n) = floor + scale n^-rate, as Hestness et al. (2017) found for many tasks, with its bootstrap.

    Attributes:
        parameters: (3,) floor, scale, rate.
        resampled: (B, 3) the same, fitted to resampled draws.
    """

    parameters: Array
    resampled: Array

    def accuracy(self, count: ArrayLike) -> Array:
        """The accuracy expected with so many artworks."""
        return 1 - _error(np.asarray(count, dtype=float), *self.parameters)

    def gain(self, count: int, more: int) -> tuple[float, float, float]:
        """By how much accuracy would rise, and the 95 % interval, if `count` artworks became `more` more."""
        gains = np.array([_gain(one, count, more) for one in self.resampled])
        low, high = np.quantile(gains, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
        return _gain(self.parameters, count, more), float(low), float(high)


def fit_power_law(counts: Sequence[int], accuracy: Sequence[Sequence[float]], seed: int = 0) -> PowerLaw | None:
    """The power law through the mean accuracies, by least squares; its interval resamples the draws of each count.

    Draws share the test artworks, so that the interval speaks of other training artworks, and of these to be tested.

    Args:
        counts: artworks to learn from.
        accuracy: of each count, its draws, 0 to 1.
        seed: of the bootstrap.

    Returns:
        None for fewer than `LEAST` counts, or a count of a single draw.
    """
    if len(counts) < LEAST or min(map(len, accuracy)) < 2:
        return None
    draws = [np.asarray(one) for one in accuracy]
    generator = np.random.default_rng(seed)
    means = np.array([[one.mean() for one in draws]])
    again = np.stack([generator.choice(one, (_DRAWS, len(one))).mean(axis=1) for one in draws], axis=1)
    return PowerLaw(_fit(counts, 1 - means)[0], _fit(counts, 1 - again))


def _fit(counts: Sequence[int], error: Array) -> Array:
    """Floor from 0, scale from 0 and rate (B, 3) of errors (B, C): linear least squares for each rate, and the best."""
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
