"""Feature importance: permutation importance, and coefficients of logistic regression."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotionart.statistics.baseline import as_weighted_labels
from emotionart.statistics.estimate import TAILS

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Drop:
    """Decrease of a score when some columns are shuffled.

    Attributes:
        mean: mean over the repeats.
        sd: standard deviation over the repeats.
    """

    mean: float
    sd: float


def permutation_importance(
    score: Callable[[NDArray[np.float32]], float],
    values: NDArray[np.float32],
    columns: Mapping[str, Sequence[int]],
    repeats: int,
    seed: int,
) -> dict[str, Drop]:
    """Permutation importance: the decrease of `score` when columns are shuffled, jointly within a group (Breiman 2001).

    For single columns, equal to scikit-learn's `permutation_importance` up to the random permutations; but that
    function does not support groups, and correlated features mask each other unless they are shuffled together.

    Args:
        score: score of features (n, D); higher is better.
        values: (n, D) features.
        columns: feature or group -> indices of its columns.
        repeats: number of permutations, the same ones for each entry.
        seed: seed of the permutations.
    """
    orders = [np.random.default_rng([seed, repeat]).permutation(len(values)) for repeat in range(repeats)]
    whole = score(values)
    importance = {}
    for name, chosen in columns.items():
        places = np.array(chosen, dtype=np.intp)
        drops = []
        for order in orders:
            shuffled = values.copy()
            shuffled[:, places] = values[np.ix_(order, places)]
            drops.append(whole - score(shuffled))
        importance[name] = Drop(float(np.mean(drops)), float(np.std(drops)))
    return importance


@dataclass(frozen=True)
class Coefficients:
    """Coefficients of a logistic regression on standardised features.

    Attributes:
        value: (K, D) change of each class's log-odds per standard deviation; each column sums to zero.
        low, high: (K, D) ends of the 95 % percentile bootstrap intervals.
    """

    value: Array
    low: Array
    high: Array


def logistic_coefficients(
    model: Pipeline,
    values: NDArray[np.float32],
    target: NDArray[np.float32],
    groups: NDArray[np.generic],
    resamples: int,
    seed: int,
) -> Coefficients:
    """Coefficients of a fitted logistic regression, with intervals from refits on resampled groups.

    Scaling and penalty are kept, so the intervals are those of the penalised coefficients in the same unit. For a class
    missing from a resample, only the other resamples count.

    Args:
        model: model from `baseline.fit_logistic`, fitted on `values`.
        values: (n, D) features before standardisation.
        target: (n, K) targets on which it was fitted.
        groups: (n,) groups to resample as a whole, such as artists.
        resamples: number of refits.
        seed: seed of the resampling.
    """
    from sklearn.base import clone

    scaler, fitted = model[0], model[-1]
    scaled, classes = scaler.transform(values), target.shape[1]
    row, place, share = as_weighted_labels(target)
    _, group = np.unique(groups.astype(str), return_inverse=True)
    count = int(group.max()) + 1
    generator = np.random.default_rng(seed)
    drawn = np.full((resamples, classes, scaled.shape[1]), np.nan)
    for number in range(resamples):
        weight = np.bincount(generator.integers(count, size=count), minlength=count)[group]
        kept = np.flatnonzero(weight[row])
        if len(np.unique(place[kept])) > 1:
            again = row[kept]
            refitted = clone(fitted).fit(scaled[again], place[kept], sample_weight=weight[again] * share[kept])
            drawn[number] = _by_class(refitted.coef_, refitted.classes_, classes)
    value = _by_class(fitted.coef_, fitted.classes_, classes)
    low, high = np.full((2, *value.shape), np.nan)
    present = fitted.classes_
    low[present], high[present] = np.nanquantile(drawn[:, present], TAILS, axis=0)
    return Coefficients(value, low, high)


def _by_class(weights: Array, present: NDArray[np.int64], classes: int) -> Array:
    """(K, D) coefficients, NaN for absent classes; for two classes, scikit-learn only returns the second one's row."""
    coefficients = np.full((classes, weights.shape[1]), np.nan)
    coefficients[present] = np.concatenate([-weights, weights]) / 2 if len(present) == 2 else weights
    return coefficients
