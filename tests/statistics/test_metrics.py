import tracemalloc
from typing import Any

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, f1_score, log_loss
from torchmetrics.functional.classification import multiclass_calibration_error

from emotionart.statistics.baseline import majority_probabilities
from emotionart.statistics.metrics import estimates, evaluate, point_metrics

CLASSES = ("a", "b", "c", "d")


def predictions(count: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 4, count)
    probabilities = generator.dirichlet([0.4] * 4, count) + 0.7 * np.eye(4)[labels]
    votes = generator.multinomial(5, [0.25] * 4, count) / 5
    return probabilities / probabilities.sum(axis=1, keepdims=True), labels, votes


def evaluated(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """All metrics of artworks that stand alone."""
    return evaluate(
        probabilities,
        labels,
        votes=None,
        target=np.eye(4)[labels],
        annotators=None,
        group=np.arange(len(labels)),
        classes=CLASSES,
        seed=0,
    )


def test_metrics_are_those_of_scikit_learn_torchmetrics_and_scipy() -> None:
    probabilities, labels, votes = predictions()
    found = point_metrics(probabilities, labels, votes)
    predicted = probabilities.argmax(axis=1)
    assert found["acc"] == pytest.approx(accuracy_score(labels, predicted))
    assert found["balanced_acc"] == pytest.approx(balanced_accuracy_score(labels, predicted))
    assert found["f1_macro"] == pytest.approx(f1_score(labels, predicted, average="macro"))
    assert found["nll"] == pytest.approx(log_loss(labels, probabilities, labels=range(4)))
    assert found["kl"] == pytest.approx(scipy.stats.entropy(votes, probabilities, axis=1).mean())
    oracle = multiclass_calibration_error(torch.tensor(probabilities), torch.tensor(labels), 4, n_bins=15)
    assert point_metrics(probabilities, labels, None)["ece"] == pytest.approx(oracle.item(), abs=1e-6)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=12))
def test_few_artworks_and_absent_classes_agree_with_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    labels, predicted = np.array(pairs).T
    found = evaluated(np.eye(4)[predicted], labels)
    assert found["acc"]["value"] == pytest.approx(accuracy_score(labels, predicted))
    assert found["f1_macro"]["value"] == pytest.approx(f1_score(labels, predicted, average="macro", zero_division=0))
    expected = np.mean([(predicted == labels)[labels == label].mean() for label in set(labels)])
    assert found["balanced_acc"]["value"] == pytest.approx(expected)
    assert found["confusion"] == confusion_matrix(labels, predicted, labels=range(4)).tolist()
    for index, name in enumerate(CLASSES):
        assert found["recall"][name]["support"] == (labels == index).sum()
        assert (found["recall"][name]["value"] is None) == (index not in labels)
    assert all(0 <= found[name]["low"] <= found[name]["high"] <= 1 for name in ("acc", "balanced_acc", "f1_macro"))
    assert (found["nll"]["high"] is None) == (len(labels) == 1)


def test_no_artwork_is_refused() -> None:
    with pytest.raises(ValueError, match="no artwork"):
        point_metrics(np.empty((0, 4)), np.empty(0, dtype=np.int64), None)


def test_the_interval_of_accuracy_is_scipys() -> None:
    probabilities, labels, _ = predictions()
    found = evaluated(probabilities, labels)["acc"]
    hits = (probabilities.argmax(axis=1) == labels).astype(float)
    oracle = scipy.stats.ttest_1samp(hits, 0).confidence_interval(0.95)
    assert (found["low"], found["high"]) == pytest.approx((oracle.low, oracle.high))


def test_variances_are_those_of_leaving_out_each_group() -> None:
    """The jackknife knows nothing of influence values."""
    probabilities, labels, votes = predictions(900)
    group = np.random.default_rng(3).integers(0, 150, 900)
    whole = estimates(probabilities, labels, votes, group)
    left_out = [
        estimates(probabilities[kept], labels[kept], votes[kept], group[kept])
        for kept in (group != number for number in np.unique(group))
    ]
    for name in ("acc", "balanced_acc", "f1_macro", "nll", "kl"):
        values = np.array([found[name].value for found in left_out])
        assert whole[name].variance == pytest.approx(149 / 150 * ((values - values.mean()) ** 2).sum(), rel=0.03), name


def test_memory_does_not_grow_with_classes_times_artworks() -> None:
    classes, artworks = 200, 3000
    labels = np.random.default_rng(0).integers(0, classes, artworks)
    probabilities = np.full((artworks, classes), 1 / classes)
    tracemalloc.start()
    estimates(probabilities, labels, None, np.arange(artworks))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * probabilities.nbytes


def test_one_artist_says_nothing_of_others() -> None:
    probabilities, labels, votes = predictions(30)
    found = evaluate(
        probabilities, labels, votes=votes, target=votes, annotators=None, group=np.zeros(30, int),
        classes=CLASSES, seed=0,
    )  # fmt: skip
    assert (found["groups"], found["acc"]["low"], found["acc"]["high"]) == (1, 0, 1)
    assert (found["kl"]["low"], found["kl"]["high"]) == (0, None)


def test_a_certain_mistake_is_finite() -> None:
    assert point_metrics(np.eye(2)[[0]], np.array([1]), np.eye(2)[[1]])["nll"] == pytest.approx(-np.log(2**-23))


def test_majority_scores_its_share() -> None:
    training, test = np.array([0, 1, 1, 3, 1]), np.array([1, 0, 1, 1, 3, 3])
    found = point_metrics(majority_probabilities(training, len(test), 4), test, None)
    assert found["acc"] == pytest.approx((test == 1).mean())
    assert found["balanced_acc"] == pytest.approx(1 / 3)


def test_a_recall_of_none_has_the_exact_interval_of_a_share() -> None:
    labels = np.array([0] * 4 + [1] * 9)
    found = evaluated(np.tile([0.1, 0.7, 0.1, 0.1], (len(labels), 1)), labels)["recall"]
    for name, right, count in (("a", 0, 4), ("b", 9, 9)):
        exact = scipy.stats.binomtest(right, count).proportion_ci(method="exact")
        assert (found[name]["low"], found[name]["high"]) == pytest.approx((exact.low, exact.high))
