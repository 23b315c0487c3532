"""How good predicted class probabilities are, with bootstrap intervals.

Every metric here is a function of sums over artworks: confusion counts, log-losses, divergences, and what falls into
the bins of a calibration plot. The sums are kept for each group of artworks that is resampled as a whole (artists,
where the split keeps them together), so that a bootstrap over all metrics is one matrix product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CALIBRATION_BINS = 15
RESAMPLES = 2_000
_LEVEL = 0.95
_CHUNK = 4_000_000  # resampling weights in memory at a time: 32 MB
_SMALLEST = float(np.finfo(np.float32).eps)  # probabilities are clipped here before a logarithm is taken


@dataclass(frozen=True)
class Sums:
    """Sums over artworks, for each of any number of groups or resamples (leading dimensions `...`).

    Attributes:
        confusion: (..., K, K) artworks by true class and predicted class.
        nll: (...) negative log probabilities of the true class.
        kl: (...) divergences of the prediction from the votes, or None without votes.
        bins: (..., 2, B) confidence and hits of the artworks whose confidence falls into each bin.
    """

    confusion: Array
    nll: Array
    kl: Array | None
    bins: Array

    def flat(self) -> Array:
        """All sums side by side, (..., K * K + 1 + (1) + 2 B)."""
        lead = self.nll.shape
        parts = [self.confusion.reshape(*lead, -1), self.nll[..., None], self.bins.reshape(*lead, -1)]
        return np.concatenate(parts if self.kl is None else [*parts, self.kl[..., None]], axis=-1)

    @staticmethod
    def from_flat(flat: Array, classes: int) -> Sums:
        """The inverse of `flat`."""
        lead, square = flat.shape[:-1], classes**2
        bins = flat[..., square + 1 : square + 1 + 2 * CALIBRATION_BINS]
        rest = flat[..., square + 1 + 2 * CALIBRATION_BINS :]
        return Sums(
            confusion=flat[..., :square].reshape(*lead, classes, classes),
            nll=flat[..., square],
            kl=rest[..., 0] if rest.shape[-1] else None,
            bins=bins.reshape(*lead, 2, CALIBRATION_BINS),
        )


def sum_by_group(probabilities: Array, labels: NDArray[np.int64], votes: Array | None, group: NDArray[np.intp]) -> Sums:
    """The sums of each group.

    Args:
        probabilities: (n, K) predicted.
        labels: (n,) true classes, 0 to K - 1.
        votes: (n, K) share of each class among the votes, or None.
        group: (n,) numbers 0 to G - 1.
    """
    count, classes = probabilities.shape
    if count == 0:
        raise ValueError("there is no artwork to evaluate")
    groups = int(group.max()) + 1
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    confusion = np.zeros((groups, classes, classes))
    np.add.at(confusion, (group, labels, predicted), 1)

    log_probability = np.log(np.clip(probabilities, _SMALLEST, None))
    nll = _sum(group, -log_probability[np.arange(count), labels], groups)
    kl: Array | None = None
    if votes is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(votes > 0, votes * (np.log(votes) - log_probability), 0.0)
        kl = _sum(group, terms.sum(axis=1), groups)

    place = np.clip(np.ceil(confidence * CALIBRATION_BINS).astype(int) - 1, 0, CALIBRATION_BINS - 1)
    bins = np.zeros((groups, 2, CALIBRATION_BINS))
    np.add.at(bins[:, 0], (group, place), confidence)
    np.add.at(bins[:, 1], (group, place), predicted == labels)
    return Sums(confusion, nll, kl, bins)


def metrics_of(sums: Sums) -> dict[str, Array]:
    """The metrics of summed artworks, each of the sums' leading shape.

    - `acc`: share of artworks whose most probable class is the true one;
    - `balanced_acc`: mean recall over the classes that occur;
    - `f1_macro`: mean F1 over the classes that occur or are predicted;
    - `nll`: mean negative log probability of the true class, in nats;
    - `ece`: expected calibration error over 15 bins of equal width (Guo et al. 2017);
    - `kl`: mean Kullback-Leibler divergence of the prediction from the votes, in nats, where there are votes.
    """
    confusion = sums.confusion
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    support, predicted = confusion.sum(axis=-1), confusion.sum(axis=-2)
    count = support.sum(axis=-1)
    either = support + predicted
    recall = _ratio(hits, support)
    found = {
        "acc": _ratio(hits.sum(axis=-1), count),
        "balanced_acc": _ratio(recall.sum(axis=-1), (support > 0).sum(axis=-1)),
        "f1_macro": _ratio(_ratio(2 * hits, either).sum(axis=-1), (either > 0).sum(axis=-1)),
        "nll": _ratio(sums.nll, count),
        "ece": _ratio(np.abs(sums.bins[..., 0, :] - sums.bins[..., 1, :]).sum(axis=-1), count),
    }
    return found if sums.kl is None else found | {"kl": _ratio(sums.kl, count)}


def recalls(sums: Sums) -> Array:
    """Recall of each class, (..., K), nan where a class does not occur."""
    hits, support = np.diagonal(sums.confusion, axis1=-2, axis2=-1), sums.confusion.sum(axis=-1)
    with np.errstate(invalid="ignore"):
        recall: Array = np.where(support > 0, hits / support, np.nan)
    return recall


def point_metrics(probabilities: Array, labels: NDArray[np.int64], votes: Array | None) -> dict[str, float]:
    """The metrics without intervals."""
    sums = sum_by_group(probabilities, labels, votes, np.zeros(len(labels), dtype=np.intp))
    return {name: float(value[0]) for name, value in metrics_of(sums).items()}


def evaluate(
    probabilities: Array,
    labels: NDArray[np.int64],
    *,
    votes: Array | None,
    group: NDArray[np.intp],
    classes: Sequence[str],
    seed: int,
) -> dict[str, Any]:
    """All metrics with 95 % percentile bootstrap intervals, as plain values.

    Args:
        probabilities: (n, K) predicted.
        labels: (n,) true classes, 0 to K - 1.
        votes: (n, K) share of each class among the votes, or None.
        group: (n,) numbers 0 to G - 1 of what is resampled as a whole.
        classes: names of the K classes.
        seed: of the resampling.

    Returns:
        `n`; each metric of `metrics_of` as {"value", "low", "high"}; `recall` by class, with `support`; `confusion`.

    Raises:
        ValueError: for no artworks.
    """
    by_group = sum_by_group(probabilities, labels, votes, group)
    flat = by_group.flat()
    total = Sums.from_flat(flat.sum(axis=0), len(classes))
    resampled = Sums.from_flat(_resample(flat, seed), len(classes))

    result: dict[str, Any] = {"n": len(labels)}
    spread = metrics_of(resampled)
    for name, value in metrics_of(total).items():
        result[name] = _with_interval(value, spread[name])
    support, recall, recall_spread = total.confusion.sum(axis=1), recalls(total), recalls(resampled)
    result["recall"] = {
        name: {"support": int(support[place])}
        | (_with_interval(recall[place], recall_spread[:, place]) if support[place] else {"value": None})
        for place, name in enumerate(classes)
    }
    result["confusion"] = total.confusion.astype(int).tolist()
    return result


def mean_with_interval(values: Array, group: NDArray[np.intp], seed: int) -> dict[str, float]:
    """A mean over artworks with its 95 % percentile bootstrap interval, as {"value", "low", "high"}.

    Args:
        values: (n,) one for each artwork, at least one.
        group: (n,) what is resampled as a whole.
        seed: of the resampling.
    """
    number = np.unique(group, return_inverse=True)[1]
    count = int(number.max()) + 1
    by_group = np.column_stack([_sum(number, values, count), np.bincount(number, minlength=count)])
    total, drawn = by_group.sum(axis=0), _resample(by_group, seed)
    return _with_interval(total[0] / total[1], drawn[:, 0] / drawn[:, 1])


def _resample(flat: Array, seed: int) -> Array:
    """Sums over as many groups as there are, drawn with replacement: (RESAMPLES, columns)."""
    generator = np.random.default_rng(seed)
    groups = len(flat)
    step = max(1, _CHUNK // groups)
    shares = np.full(groups, 1 / groups)
    parts = [
        generator.multinomial(groups, shares, size=min(step, RESAMPLES - start)) @ flat
        for start in range(0, RESAMPLES, step)
    ]
    return np.concatenate(parts)


def _with_interval(value: Array, spread: Array) -> dict[str, float]:
    low, high = np.nanquantile(spread, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return {"value": float(value), "low": float(low), "high": float(high)}


def _sum(group: NDArray[np.intp], values: Array, groups: int) -> Array:
    return np.bincount(group, values, minlength=groups).astype(np.float64)


def _ratio(numerator: Array, denominator: Array) -> Array:
    """Quotient, 0 where the denominator is 0."""
    return np.divide(numerator, denominator, out=np.zeros(np.shape(numerator)), where=denominator > 0)
