import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, f1_score, log_loss
from torchmetrics.functional.classification import multiclass_calibration_error

from emotionart.statistics.baseline import majority_probabilities
from emotionart.statistics.metrics import evaluate, point_metrics

CLASSES = ("a", "b", "c", "d")


def predictions(count: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 4, count)
    probabilities = generator.dirichlet([0.4] * 4, count) + 0.7 * np.eye(4)[labels]
    votes = generator.multinomial(5, [0.25] * 4, count) / 5
    return probabilities / probabilities.sum(axis=1, keepdims=True), labels, votes


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
    assert found["ece"] == pytest.approx(oracle.item(), abs=1e-6)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=12))
def test_few_artworks_and_absent_classes_agree_with_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    labels, predicted = np.array(pairs).T
    found = evaluate(np.eye(4)[predicted], labels, votes=None, group=np.arange(len(labels)), classes=CLASSES, seed=0)
    assert found["acc"]["value"] == pytest.approx(accuracy_score(labels, predicted))
    assert found["f1_macro"]["value"] == pytest.approx(f1_score(labels, predicted, average="macro", zero_division=0))
    expected = np.mean([(predicted == labels)[labels == label].mean() for label in set(labels)])
    assert found["balanced_acc"]["value"] == pytest.approx(expected)
    assert found["confusion"] == confusion_matrix(labels, predicted, labels=range(4)).tolist()
    for place, name in enumerate(CLASSES):
        assert found["recall"][name]["support"] == (labels == place).sum()
        assert (found["recall"][name]["value"] is None) == (place not in labels)
    assert all(np.isfinite([*found[name].values()]).all() for name in ("acc", "balanced_acc", "nll", "ece"))


def test_no_artwork_is_refused() -> None:
    with pytest.raises(ValueError, match="no artwork"):
        point_metrics(np.empty((0, 4)), np.empty(0, dtype=np.int64), None)


def test_the_interval_of_accuracy_is_scipys() -> None:
    probabilities, labels, _ = predictions()
    found = evaluate(probabilities, labels, votes=None, group=np.arange(len(labels)), classes=CLASSES, seed=1)["acc"]
    hits = (probabilities.argmax(axis=1) == labels).astype(float)
    oracle = scipy.stats.bootstrap([hits], np.mean, method="percentile", n_resamples=5_000, random_state=2)
    assert found["low"] == pytest.approx(oracle.confidence_interval.low, abs=0.008)
    assert found["high"] == pytest.approx(oracle.confidence_interval.high, abs=0.008)


@pytest.mark.filterwarnings("ignore", category=UndefinedMetricWarning)
def test_groups_are_resampled_as_wholes() -> None:
    probabilities, labels, votes = predictions(60)
    groups = np.random.default_rng(3).integers(0, 9, 60)
    found = evaluate(probabilities, labels, votes=votes, group=groups, classes=CLASSES, seed=4)
    names, number = np.unique(groups, return_inverse=True)
    weights = np.random.default_rng(4).multinomial(len(names), np.full(len(names), 1 / len(names)), size=2_000)
    scores = []
    for drawn in weights:
        rows = np.concatenate([np.repeat(np.flatnonzero(number == g), times) for g, times in enumerate(drawn)])
        scores.append(f1_score(labels[rows], probabilities[rows].argmax(axis=1), average="macro", zero_division=0))
    low, high = np.quantile(scores, [0.025, 0.975])
    assert found["f1_macro"]["low"] == pytest.approx(low)
    assert found["f1_macro"]["high"] == pytest.approx(high)


def test_a_certain_mistake_is_finite() -> None:
    assert point_metrics(np.eye(2)[[0]], np.array([1]), np.eye(2)[[1]])["nll"] == pytest.approx(-np.log(2**-23))


def test_majority_scores_its_share() -> None:
    training, test = np.array([0, 1, 1, 3, 1]), np.array([1, 0, 1, 1, 3, 3])
    found = point_metrics(majority_probabilities(training, len(test), 4), test, None)
    assert found["acc"] == pytest.approx((test == 1).mean())
    assert found["balanced_acc"] == pytest.approx(1 / 3)
