from itertools import product

import numpy as np
import pytest

from emotionart.statistics.annotators.ceilings import win_probabilities, win_probability


def by_all_sequences(probability: np.ndarray, votes: int) -> np.ndarray:
    """The probability that each class wins, from every sequence of votes."""
    wins = np.zeros(len(probability))
    for sequence in product(range(len(probability)), repeat=votes):
        counts = np.bincount(sequence, minlength=len(probability))
        leaders = counts == counts.max()
        wins += probability[list(sequence)].prod() * leaders / leaders.sum()
    return wins


@pytest.mark.parametrize(("classes", "votes"), [(1, 3), (2, 1), (2, 4), (3, 5), (4, 4), (6, 3), (3, 7)])
def test_they_are_those_of_all_sequences_of_votes(classes: int, votes: int) -> None:
    probability = np.random.default_rng(classes).dirichlet(np.ones(classes))
    assert win_probability(probability, votes) == pytest.approx(by_all_sequences(probability, votes))


def test_a_class_that_nobody_names_never_wins() -> None:
    found = win_probability(np.array([0.0, 0.4, 0.6]), 4)
    assert found == pytest.approx(by_all_sequences(np.array([0.0, 0.4, 0.6]), 4))
    assert found[0] == pytest.approx(0, abs=1e-12)


def test_twenty_annotators_and_twelve_labels() -> None:
    """84,672,315 outcomes: more than fit into the memory. Simulated votes are the oracle."""
    generator = np.random.default_rng(0)
    probability = generator.dirichlet(np.ones(12))
    votes = generator.multinomial(20, probability, 40_000) + generator.random((40_000, 12)) / 2  # equals: at random
    shares = np.bincount(votes.argmax(axis=1), minlength=12) / 40_000
    found = win_probability(probability, 20)
    assert found.sum() == pytest.approx(1)
    assert found == pytest.approx(shares, abs=0.01)


def test_each_artwork_has_its_own_annotators() -> None:
    probability = np.array([[0.7, 0.3], [0.7, 0.3], [0.2, 0.8]])
    found = win_probabilities(probability, np.array([1, 5, 3]))
    assert found == pytest.approx(np.array([win_probability(*one) for one in zip(probability, (1, 5, 3), strict=True)]))
    assert found[0] == pytest.approx([0.7, 0.3])
