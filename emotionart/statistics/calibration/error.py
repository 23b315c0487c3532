"""Whether a model is right as often as it says.

Confidence is the probability of the predicted class. What it is held against is an outcome from 0 to 1: whether that
class was the true one, or the share of the annotators who named it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from emotionart.statistics.estimate import Array

BINS = 15
_DRAWS = 500


def confidence_and_outcome(probabilities: Array, target: Array) -> tuple[Array, Array]:
    """Confidence of each prediction, (n,), and what became of it, (n,).

    Args:
        probabilities: (n, K) predicted.
        target: (n, K) what was learnt: shares of votes, or the true class as one-hot.
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
    """The calibration error to be expected of a perfectly calibrated model, on as many artworks.

    It is far from 0 on few artworks, and the measured one means nothing without it. Outcomes are drawn from the
    confidences, 500 times.

    Args:
        confidence: (n,) from 0 to 1.
        votes: (n,) how many annotators an outcome is the mean of; 1 for a hard label.
        seed: of the draws.
    """
    generator, place = np.random.default_rng(seed), _bins(confidence)
    errors = [
        np.abs(np.bincount(place, confidence - generator.binomial(votes, confidence) / votes)).sum()
        for _ in range(_DRAWS)
    ]
    return float(np.mean(errors) / len(confidence))


def calibration_p(confidence: Array, outcome: Array, group: NDArray[np.intp]) -> float:
    """p-value of "calibrated": a score test of outcome = confidence against a shift and a slope.

    s = Σ (outcome - confidence) [1, confidence], its covariance from sums over groups; s' C⁻¹ s is chi-squared with two
    degrees of freedom (one where all confidences are equal).

    Args:
        confidence, outcome: (n,) from 0 to 1.
        group: (n,) what belongs together, numbers 0 to G - 1.
    """
    terms = (outcome - confidence) * np.stack([np.ones_like(confidence), confidence])
    scores = np.stack([np.bincount(group, term) for term in terms])
    covariance, score = scores @ scores.T, scores.sum(axis=1)
    rank = int(np.linalg.matrix_rank(covariance, hermitian=True))
    if rank == 0:
        return 1.0
    return float(stats.chi2.sf(score @ np.linalg.pinv(covariance, hermitian=True) @ score, rank))


def _bins(confidence: Array) -> NDArray[np.intp]:
    """The bin of each confidence; one at an edge belongs to the bin below."""
    place: NDArray[np.intp] = np.clip(np.ceil(confidence * BINS).astype(np.intp) - 1, 0, BINS - 1)
    return place
