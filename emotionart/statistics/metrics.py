"""Metrics of predicted class probabilities, with confidence intervals.

Every metric is a smooth function of means over artworks. Its interval is Student's, with the cluster-robust variance of
the artworks' influence values (the delta method). The works of an artist form a cluster if the split keeps them
together. With few clusters, these intervals are appropriately wide, unlike those of a percentile bootstrap.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotionart.statistics.calibration.error import (
    calibrated_error,
    calibration_error,
    calibration_p,
    confidence_and_outcome,
)
from emotionart.statistics.estimate import Array, Estimate, GroupSizes, clustered_mean, linearised

_SMALLEST = float(np.finfo(np.float32).eps)  # probabilities are clipped to this before taking logarithms
_HIGHEST = {"nll": math.inf, "kl": math.inf}  # 1 for the other metrics


def estimates(
    probabilities: Array, labels: NDArray[np.int64], votes: Array | None, group: NDArray[np.intp]
) -> dict[str, Estimate]:
    """Metrics with their variances.

    - `acc`: share of artworks whose most probable class is the true one;
    - `balanced_acc`: mean recall over the classes that occur;
    - `f1_macro`: mean F1 over the classes that occur or are predicted;
    - `nll`: mean negative log probability of the true class, in nats;
    - `kl`: mean Kullback-Leibler divergence of the prediction from the votes, in nats, if there are votes.

    Args:
        probabilities: (n, K) predicted probabilities.
        labels: (n,) true classes, 0 to K - 1.
        votes: (n, K) shares of the classes among the votes, or None.
        group: (n,) numbers, 0 to G - 1, of the groups of dependent artworks.

    Raises:
        ValueError: if there are no artworks.
    """
    count, classes = probabilities.shape
    if count == 0:
        raise ValueError("there is no artwork to evaluate")
    predicted = probabilities.argmax(axis=1)
    hits = (predicted == labels).astype(np.float64)
    support, guessed = np.bincount(labels, minlength=classes), np.bincount(predicted, minlength=classes)
    right = np.bincount(labels, hits, minlength=classes)
    recall, f1 = _ratio(right, support), _ratio(2 * right, support + guessed)
    recall_weight = _ratio(np.ones(classes), support * np.count_nonzero(support))
    f1_weight = _ratio(np.ones(classes), (support + guessed) * np.count_nonzero(support + guessed))
    f1_influence = f1_weight[labels] * (2 * hits - f1[labels]) - f1_weight[predicted] * f1[predicted]

    log_probability = np.log(np.clip(probabilities, _SMALLEST, None))
    metrics = {
        "acc": clustered_mean(hits, group),
        "balanced_acc": linearised(
            float(recall.sum() / np.count_nonzero(support)), recall_weight[labels] * (hits - recall[labels]), group
        ),
        "f1_macro": linearised(float(f1.sum() / np.count_nonzero(support + guessed)), f1_influence, group),
        "nll": clustered_mean(-log_probability[np.arange(count), labels], group),
    }
    if votes is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(votes > 0, votes * (np.log(votes) - log_probability), 0.0)
        metrics["kl"] = clustered_mean(terms.sum(axis=1), group)
    return metrics


def point_metrics(probabilities: Array, labels: NDArray[np.int64], votes: Array | None) -> dict[str, float]:
    """The metrics of `estimates` without intervals, and `ece`, the calibration error (with respect to votes, if any).

    Args:
        probabilities, labels, votes: as for `estimates`.
    """
    metrics = estimates(probabilities, labels, votes, np.zeros(len(labels), dtype=np.intp))
    target = np.eye(probabilities.shape[1])[labels] if votes is None else votes
    ece = calibration_error(*confidence_and_outcome(probabilities, target))
    return {name: estimate.value for name, estimate in metrics.items()} | {"ece": ece}


def evaluate(
    probabilities: Array,
    labels: NDArray[np.int64],
    *,
    votes: Array | None,
    target: Array,
    annotators: NDArray[np.int64] | None,
    group: NDArray[np.intp],
    classes: Sequence[str],
    seed: int,
) -> dict[str, Any]:
    """All metrics with 95 % intervals, as plain values.

    Args:
        probabilities: (n, K) predicted probabilities.
        labels: (n,) true classes, 0 to K - 1.
        votes: (n, K) shares of the classes among the votes, or None.
        target: (n, K) training targets, for calibration: shares of votes, or one-hot true classes.
        annotators: (n,) number of votes that the target averages, 1 for one-hot; None if unknown.
        group: (n,) numbers, 0 to G - 1, of the groups of dependent artworks.
        classes: names of the K classes.
        seed: seed of the draws for the expected calibration error.

    Returns:
        `n` artworks, number of `groups`, and Kish's effective number of them, `effective_groups`; each metric of
        `estimates` as {"value", "low", "high"}, with None for an infinite end; `ece`, the calibration error, as
        {"value", "expected", "p"}, with its expectation for a perfectly calibrated model (None if `annotators` is) and
        the p-value of perfect calibration; `recall` by class, with `support`; `confusion`.

    Raises:
        ValueError: if there are no artworks.
    """
    sizes = GroupSizes.of(group)
    result: dict[str, Any] = {"n": sizes.works, "groups": sizes.groups, "effective_groups": sizes.effective}
    for name, estimate in estimates(probabilities, labels, votes, group).items():
        result[name] = with_interval(estimate, 0, _HIGHEST.get(name, 1))
    confidence, outcome = confidence_and_outcome(probabilities, target)
    result["ece"] = {
        "value": calibration_error(confidence, outcome),
        "expected": None if annotators is None else calibrated_error(confidence, annotators, seed),
        "p": calibration_p(confidence, outcome, group),
    }
    predicted = probabilities.argmax(axis=1)
    result["recall"] = {}
    for index, name in enumerate(classes):
        members = labels == index
        recall = mean_with_interval(predicted[members] == index, group[members]) if members.any() else {"value": None}
        result["recall"][name] = {"support": int(members.sum()), **recall}
    confusion = np.bincount(labels * len(classes) + predicted, minlength=len(classes) ** 2)
    result["confusion"] = confusion.reshape(len(classes), -1).tolist()
    return result


def mean_with_interval(
    values: NDArray[Any], group: NDArray[np.intp], low: float = 0, high: float = 1
) -> dict[str, float | None]:
    """Mean over artworks with its 95 % interval, as {"value", "low", "high"}.

    Args:
        values: (n,) one value per artwork, n > 0.
        group: (n,) numbers, from 0, of the groups of dependent artworks.
        low, high: range of the mean.
    """
    return with_interval(clustered_mean(values.astype(np.float64), group), low, high)


def with_interval(estimate: Estimate, low: float, high: float) -> dict[str, float | None]:
    """Estimate with its 95 % interval, as {"value", "low", "high"}; None for an infinite end."""
    ends = (end if math.isfinite(end) else None for end in estimate.interval(low, high))
    return {"value": estimate.value, **dict(zip(("low", "high"), ends, strict=True))}


def _ratio(numerator: NDArray[Any], denominator: NDArray[Any]) -> Array:
    """Quotient, or 0 where the denominator is 0."""
    ratio: Array = np.divide(numerator, denominator, out=np.zeros(np.shape(numerator)), where=denominator > 0)
    return ratio
