import math

import numpy as np
import pytest
from scipy.stats import entropy as scipy_entropy
from statsmodels.stats.inter_rater import fleiss_kappa

from emotionart.statistics.annotators import agreement
from emotionart.statistics.metrics import mean_with_interval

VOTES = np.array([[5, 0, 0], [3, 2, 0], [2, 2, 1], [1, 0, 0], [0, 0, 0]], np.float32)


def further_by_hand(counts: np.ndarray) -> float:
    """Every vote in turn, against the majority of the others."""
    votes = [place for place, count in enumerate(counts) for _ in range(int(count))]
    found = []
    for left_out, vote in enumerate(votes):
        others = [other for place, other in enumerate(votes) if place != left_out]
        most = max(others.count(place) for place in set(others))
        leaders = [place for place in set(others) if others.count(place) == most]
        found.append((vote in leaders) / len(leaders))
    return float(np.mean(found))


def test_one_more_annotator_is_held_against_the_majority_of_the_others() -> None:
    votes = np.random.default_rng(0).multinomial(6, [0.5, 0.3, 0.1, 0.1], size=200)
    expected = [further_by_hand(row) for row in votes]
    np.testing.assert_allclose(agreement.one_more_annotator(votes), expected)
    assert np.isnan(agreement.one_more_annotator(VOTES)[3:]).all()


def test_with_many_votes_one_more_annotator_reaches_the_largest_probability() -> None:
    votes = np.random.default_rng(0).multinomial(201, [0.6, 0.3, 0.1], size=300)
    assert agreement.one_more_annotator(votes).mean() == pytest.approx(0.6, abs=0.01)


def test_a_model_that_votes_as_people_do_reaches_what_they_reach() -> None:
    """Its most probable class wins against any annotator, which says nothing of the model: another game."""
    generator = np.random.default_rng(0)
    truth = generator.dirichlet([0.8] * 4, 4000)
    votes = np.array([generator.multinomial(5, row) for row in truth])
    person = agreement.one_more_annotator(votes).mean()
    assert agreement.sampled_vote(truth, votes).mean() == pytest.approx(person, abs=0.01)
    assert agreement.sampled_vote(np.eye(4)[truth.argmax(axis=1)], votes).mean() > person + 0.1
    found = agreement.annotator_metrics(votes, np.arange(4000), truth)
    assert found is not None
    assert found["lead"]["low"] < 0 < found["lead"]["high"]


def test_a_sampled_vote_by_hand() -> None:
    votes, probabilities = np.array([[2, 1, 1]]), np.array([[0.5, 0.3, 0.2]])
    # Without one of the two equal votes all three classes lead; without either other vote the first one does.
    assert agreement.sampled_vote(probabilities, votes)[0] == pytest.approx((2 * 1 / 3 + 0.5 + 0.5) / 4)


def test_disagreement_does_not_depend_on_the_number_of_votes() -> None:
    shares = np.array([0.5, 0.3, 0.2])
    for number in (2, 5, 50):
        votes = np.random.default_rng(number).multinomial(number, shares, size=4000)
        assert agreement.disagreement(votes).mean() == pytest.approx(1 - (shares**2).sum(), abs=0.02)


def test_alpha_is_fleiss_kappa_of_many_artworks() -> None:
    generator = np.random.default_rng(0)
    votes = np.array([generator.multinomial(5, generator.dirichlet([0.5, 0.5, 0.5])) for _ in range(3000)])
    alpha = agreement.krippendorff_alpha(votes)
    assert alpha == pytest.approx(fleiss_kappa(votes), abs=1e-3)  # they differ by a term of one over all votes
    observed = 1 - agreement.disagreement(votes).mean()
    expected = ((votes.sum(axis=0) / votes.sum()) ** 2).sum()
    assert fleiss_kappa(votes) == pytest.approx((observed - expected) / (1 - expected))


def test_alpha_is_told_only_where_votes_were_counted() -> None:
    assert agreement.krippendorff_alpha(np.array([[0.5, 0.5], [1, 0]])) is None
    assert agreement.krippendorff_alpha(np.array([[2, 0], [3, 0]])) is None
    assert agreement.krippendorff_alpha(np.array([[1, 0], [0, 1]])) is None
    assert agreement.krippendorff_alpha(np.array([[2, 0], [0, 3]])) == 1


def test_entropy_is_scipys() -> None:
    np.testing.assert_allclose(
        agreement.vote_entropy_bits(VOTES)[:4], scipy_entropy(VOTES[:4], base=2, axis=1), atol=1e-12
    )
    assert math.isnan(agreement.vote_entropy_bits(VOTES)[4])


def test_levels_of_agreement() -> None:
    assert [agreement.LEVELS[level] if level >= 0 else "" for level in agreement.levels(VOTES)] == [
        "all agree", "majority", "no majority", "all agree", "",
    ]  # fmt: skip


def test_accuracy_is_told_for_each_level() -> None:
    hits = np.array([True, False, True, False, True])
    found = agreement.accuracy_by_agreement(hits, VOTES, np.arange(5))
    assert {name: (level["n"], level["acc"]["value"]) for name, level in found.items()} == {
        "all agree": (2, 0.5), "majority": (1, 0.0), "no majority": (1, 1.0),
    }  # fmt: skip


def test_people_are_told_only_where_votes_were_counted() -> None:
    assert agreement.annotator_metrics(VOTES / 5, np.arange(5)) is None
    found = agreement.annotator_metrics(VOTES, np.arange(5))
    assert found is not None
    assert found["n"] == 3
    assert found["acc"]["value"] == pytest.approx(np.mean([further_by_hand(row) for row in VOTES[:3]]))
    assert found["acc"]["low"] <= found["acc"]["value"] <= found["acc"]["high"]


def test_an_interval_counts_whole_groups() -> None:
    values = np.repeat(np.arange(30.0), 10)
    alone, together = (
        mean_with_interval(values, group, high=30) for group in (np.arange(300), np.repeat(np.arange(30), 10))
    )
    assert alone["value"] == together["value"] == pytest.approx(14.5)
    width = {name: found["high"] - found["low"] for name, found in (("alone", alone), ("together", together))}
    assert width["together"] == pytest.approx(math.sqrt(10) * width["alone"], rel=0.1)
    assert width["alone"] == pytest.approx(2 * 1.96 * values.std() / math.sqrt(300), rel=0.1)
