import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from emotionart.statistics.calibration.error import (
    calibrated_error,
    calibration_error,
    calibration_p,
    confidence_and_outcome,
)


def confidences(artworks: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.4, 0.98, artworks)


def hits(confidence: np.ndarray, seed: int) -> np.ndarray:
    return (np.random.default_rng([seed, 1]).random(len(confidence)) < confidence).astype(float)


def sharpened(confidence: np.ndarray) -> np.ndarray:
    """What a model says that is twice as sure of itself, in log-odds, as it should be."""
    return 1 / (1 + (1 / confidence - 1) ** 2)


@pytest.mark.parametrize("artworks", [125, 500])
def test_the_expected_error_is_that_of_calibrated_models(artworks: int) -> None:
    """Today's percentile interval covers it in none of them."""
    confidence = confidences(artworks, 0)
    measured = [calibration_error(confidence, hits(confidence, seed)) for seed in range(400)]
    expected = calibrated_error(confidence, np.ones(artworks, int), seed=0)
    assert expected == pytest.approx(np.mean(measured), rel=0.05)
    assert expected > 0.04
    assert calibration_error(sharpened(confidence), hits(confidence, 0)) > expected


def test_with_votes_a_perfect_model_is_calibrated_against_their_shares() -> None:
    generator = np.random.default_rng(0)
    truth = generator.dirichlet([0.7] * 4, 500)
    votes = np.array([generator.multinomial(5, row) for row in truth])
    confidence, outcome = confidence_and_outcome(truth, votes / 5)
    against_labels = calibration_error(*confidence_and_outcome(truth, np.eye(4)[votes.argmax(axis=1)]))
    expected = calibrated_error(confidence, np.full(500, 5), seed=0)
    assert against_labels > 0.1
    assert calibration_error(confidence, outcome) == pytest.approx(expected, rel=0.5)
    assert calibration_p(confidence, outcome, np.arange(500)) > 0.05


def test_the_test_is_the_score_test_of_a_regression() -> None:
    """Of outcome - confidence on [1, confidence], at coefficients of zero: statsmodels has it."""
    confidence, group = confidences(80, 1), np.repeat(np.arange(20), 4)
    residual = hits(confidence, 1) - confidence
    scores = residual[:, None] * sm.add_constant(confidence)
    by_group = sm.stats.sandwich_covariance.group_sums(scores, group)
    expected = by_group.sum(axis=0) @ np.linalg.solve(by_group.T @ by_group, by_group.sum(axis=0))
    assert calibration_p(confidence, residual + confidence, group) == pytest.approx(stats.chi2.sf(expected, 2))


@pytest.mark.parametrize("works_of_artist", [1, 5])
def test_calibrated_models_are_called_so(works_of_artist: int) -> None:
    group, wrong = np.arange(250) // works_of_artist, 0
    for seed in range(500):
        generator = np.random.default_rng(seed)
        # An artist's works are right together; each still is with its confidence.
        together, alone = generator.random(250)[group], generator.random(250)
        level = np.where(generator.random(250) < 0.3, together, alone)
        confidence = generator.uniform(0.4, 0.98, 250)
        wrong += calibration_p(confidence, (level < confidence).astype(float), group) < 0.05
    assert 0.015 <= wrong / 500 <= 0.085


def test_a_model_too_sure_of_itself_is_found() -> None:
    found = [
        calibration_p(sharpened(confidence), hits(confidence, seed), np.arange(500)) < 0.05
        for seed, confidence in ((seed, confidences(500, seed)) for seed in range(50))
    ]
    assert np.mean(found) > 0.9


def test_one_confidence_for_all_is_tested_too() -> None:
    outcome = np.repeat([1.0, 0.0], [30, 70])
    assert calibration_p(np.full(100, 0.3), outcome, np.arange(100)) == pytest.approx(1)
    assert calibration_p(np.full(100, 0.6), outcome, np.arange(100)) < 0.001
    assert calibration_p(np.ones(10), np.ones(10), np.arange(10)) == 1
