"""Which features a model leans on, and which way each of them points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotionart.statistics.baseline import as_weighted_labels

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Drop:
    """How much a score falls when some columns are shuffled.

    Attributes:
        mean: over the repeats.
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
    """The fall of `score` when columns are shuffled over the rows, together where several are named (Breiman 2001).

    Equal, for single columns, to scikit-learn's `permutation_importance` up to the random permutations; that one knows
    no groups of columns, and correlated features hide each other unless they are shuffled together.

    Args:
        score: of features (n, D); the higher, the better.
        values: (n, D).
        columns: positions of the columns of each feature or group.
        repeats: permutations, the same ones for each entry.
        seed: of the permutations.
    """
    orders = [np.random.default_rng([seed, repeat]).permutation(len(values)) for repeat in range(repeats)]
    whole = score(values)
    found = {}
    for name, chosen in columns.items():
        places = np.array(chosen, dtype=np.intp)
        drops = []
        for order in orders:
            shuffled = values.copy()
            shuffled[:, places] = values[np.ix_(order, places)]
            drops.append(whole - score(shuffled))
        found[name] = Drop(float(np.mean(drops)), float(np.std(drops)))
    return found


@dataclass(frozen=True)
class Coefficients:
    """Weights of a logistic regression on standardised features.

    Attributes:
        value: (K, D), what one standard deviation adds to the log-odds of each class; each column adds up to zero.
        low, high: (K, D), ends of the 95 % percentile bootstrap intervals.
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
    """Coefficients of a fitted regression, with intervals from refitting it on resampled groups.

    The scaling and the strength of the penalty stay as they are, so that the intervals are those of the penalised
    weights in one unit. A resample that lacks a class leaves that class's weights of the other resamples.

    Args:
        model: of `baseline.fit_logistic`, fitted on `values`.
        values: (n, D), as they are before standardisation.
        target: (n, K) on which it was fitted.
        groups: (n,) what is resampled as a whole, such as artists.
        resamples: number of refits.
        seed: of the resampling.
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
    low[present], high[present] = np.nanquantile(drawn[:, present], [0.025, 0.975], axis=0)
    return Coefficients(value, low, high)


def _by_class(weights: Array, present: NDArray[np.int64], classes: int) -> Array:
    """(K, D), nan for a class that does not occur; scikit-learn gives two classes one row, the second one's."""
    found = np.full((classes, weights.shape[1]), np.nan)
    found[present] = np.concatenate([-weights, weights]) / 2 if len(present) == 2 else weights
    return found
