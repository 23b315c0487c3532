import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from emotionart.statistics.annotators.associations import coincidence_ratios, similar_order, tags_by_class


def pairs_by_hand(votes: np.ndarray) -> np.ndarray:
    """Every ordered pair of votes on one artwork, each artwork weighing as much as it has votes."""
    labels = votes.shape[1]
    observed = np.zeros((labels, labels))
    for row in votes:
        cast = [label for label, count in enumerate(row) for _ in range(count)]
        for one in range(len(cast)):
            for other in range(len(cast)):
                if one != other:
                    observed[cast[one], cast[other]] += 1 / (len(cast) - 1)
    often = votes[votes.sum(axis=1) > 1].sum(axis=0)
    expected = (np.outer(often, often) - np.diag(often)) / (often.sum() - 1)
    return observed / expected


def test_pairs_are_those_that_one_counts_by_hand() -> None:
    votes = np.random.default_rng(0).multinomial(5, [0.4, 0.3, 0.2, 0.1], size=40)
    votes[0] = [1, 0, 0, 0]
    np.testing.assert_allclose(coincidence_ratios(votes), pairs_by_hand(votes))


def test_labels_that_do_not_depend_on_the_artwork_are_at_one() -> None:
    votes = np.random.default_rng(0).multinomial(6, [0.5, 0.3, 0.2], size=20_000)
    np.testing.assert_allclose(coincidence_ratios(votes), 1, atol=0.03)


def test_shares_of_annotators_are_taken_as_they_are() -> None:
    shares = np.array([[0.5, 0.5, 0], [0.6, 0.2, 0], [0, 0, 0.9]])
    together = coincidence_ratios(shares)
    assert together[0, 1] > 1
    assert together[0, 2] == 0
    np.testing.assert_allclose(together, together.T)


def test_labels_given_together_stand_beside_each_other() -> None:
    together = np.ones((4, 4))
    together[0, 2] = together[2, 0] = together[1, 3] = together[3, 1] = 5
    order = similar_order(together).tolist()
    assert abs(order.index(0) - order.index(2)) == 1
    assert abs(order.index(1) - order.index(3)) == 1


def test_lift_is_the_share_with_a_tag_over_the_share_of_all() -> None:
    tags = [frozenset({"oil", "sun"} if row < 20 else {"oil"} if row < 30 else set()) for row in range(100)]
    label = np.array([0] * 15 + [1] * 85)
    label[99] = -1
    found = {(one.tag, one.class_index): one for one in tags_by_class(tags, label, 3)}
    assert set(found) == {("oil", 0), ("oil", 1), ("sun", 0), ("sun", 1)}
    one = found["sun", 0]
    assert (one.tagged, one.both) == (20, 15)
    assert one.lift == pytest.approx((15 / 20) / (15 / 99))
    low, high = proportion_confint(15, 20, method="wilson")
    assert (one.low, one.high) == (pytest.approx(low * 99 / 15), pytest.approx(high * 99 / 15))
    assert one.strength == pytest.approx(np.log(one.low))


def test_tags_that_mean_nothing_seldom_look_as_if_they_did() -> None:
    generator = np.random.default_rng(0)
    tags = [frozenset(f"tag {n}" for n in np.flatnonzero(generator.random(100) < 0.2)) for _ in range(500)]
    found = tags_by_class(tags, generator.integers(0, 4, 500), 4)
    assert len(found) == 400
    assert 5 < sum(one.strength > 0 for one in found) < 35


def test_rare_tags_and_those_of_every_artwork_are_left_out() -> None:
    tags = [frozenset({"all", "rare"} if row < 4 else {"all"}) for row in range(40)]
    assert tags_by_class(tags, np.arange(40) % 2, 2) == []
