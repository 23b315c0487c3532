"""Calibration error: the difference between a model's confidence and its accuracy.

Confidence is the probability of the predicted class. It is compared with an outcome from 0 to 1: whether that class
was the true one, or the share of annotators who named it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from emotionart.statistics.estimate import Array

BINS = 15
_DRAWS = 500


def confidence_and_outcome(probabilities: Array, target: Array) -> tuple[Array, Array]:
    """Confidence (n,) and outcome (n,) of each prediction.

    Args:
        probabilities: (n, K) predicted probabilities.
        target: (n, K) targets: shares of votes, or one-hot true classes.
    """
    predicted = probabilities.argmax(axis=1)
    rows = np.arange(len(probabilities))
    return probabilities[rows, predicted], target[rows, predicted].astype(np.float64)


def calibration_error(confidence: Array, outcome: Array) -> float:
    """Expected calibration error over 15 bins of equal width (Guo et al. 2017), 0 to 1.

    Args:
        confidence, outcome: (n,) from 0 to 1.
    """
    return float(np.abs(np.bincount(_bins(confidence), confidence - outcome)).sum() / len(confidence))


def calibrated_error(confidence: Array, votes: NDArray[np.int64], seed: int) -> float:
    """Mean calibration error that a perfectly calibrated model would have on these artworks.

    It is far from 0 for few artworks, and needed to interpret the measured error. Outcomes are drawn from the
    confidences 500 times.

    Args:
        confidence: (n,) from 0 to 1.
        votes: (n,) number of annotators that an outcome averages; 1 for a hard label.
        seed: seed of the draws.
    """
    generator, place = np.random.default_rng(seed), _bins(confidence)
    errors = [
        np.abs(np.bincount(place, confidence - generator.binomial(votes, confidence) / votes)).sum()
        for _ in range(_DRAWS)
    ]
    return float(np.mean(errors) / len(confidence))


def calibration_p(confidence: Array, outcome: Array, group: NDArray[np.intp]) -> float:
    """p-value of perfect calibration: a score test of outcome = confidence against a shift and a slope.

    s = Σ (outcome - confidence) [1, confidence], with its covariance C from sums over groups; s' C⁻¹ s is chi-squared
    with two degrees of freedom (one if all confidences are equal).

    Args:
        confidence, outcome: (n,) from 0 to 1.
        group: (n,) numbers, 0 to G - 1, of the groups of dependent artworks.
    """
    terms = (outcome - confidence) * np.stack([np.ones_like(confidence), confidence])
    scores = np.stack([np.bincount(group, term) for term in terms])
    covariance, score = scores @ scores.T, scores.sum(axis=1)
    rank = int(np.linalg.matrix_rank(covariance, hermitian=True))
    if rank == 0:
        return 1.0
    return float(stats.chi2.sf(score @ np.linalg.pinv(covariance, hermitian=True) @ score, rank))


def _bins(confidence: Array) -> NDArray[np.intp]:
    """(n,) bin of each confidence; an edge belongs to the bin below it."""
    place: NDArray[np.intp] = np.clip(np.ceil(confidence * BINS).astype(np.intp) - 1, 0, BINS - 1)
    return place
