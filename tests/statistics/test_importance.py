import numpy as np
import pytest
from sklearn.inspection import permutation_importance as oracle
from sklearn.linear_model import LogisticRegression

from emotionart.figures import features
from emotionart.statistics.baseline import fit_logistic, predict_logistic
from emotionart.statistics.importance import Drop, logistic_coefficients, permutation_importance


def toy(classes: int = 3, count: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """The first column tells the class, the second is a copy of it, the third is noise."""
    generator = np.random.default_rng(0)
    labels = np.arange(count) % classes
    told = labels + generator.normal(0, 0.4, count)
    values = np.stack([told, told, generator.normal(size=count)], axis=1)
    return values.astype(np.float32), labels.astype(np.int64)


def one_hot(labels: np.ndarray, classes: int) -> dict[str, np.ndarray]:
    return dict.fromkeys(("train", "validation"), np.eye(classes)[labels])


def test_single_columns_are_scikit_learns() -> None:
    values, labels = toy()
    model = LogisticRegression().fit(values, labels)
    expected = oracle(model, values, labels, n_repeats=400, random_state=0)
    columns = {str(index): [index] for index in range(3)}
    found = permutation_importance(lambda x: float(model.score(x, labels)), values, columns, 400, seed=0)
    for index, drop in enumerate(found.values()):
        assert drop.mean == pytest.approx(expected.importances_mean[index], abs=0.004)
        assert drop.sd == pytest.approx(expected.importances_std[index], abs=0.003)


def test_copies_hide_each_other_unless_they_are_shuffled_together() -> None:
    values, labels = toy()
    model = LogisticRegression().fit(values, labels)
    columns = {"one": [0], "both": [0, 1], "noise": [2], "nothing": []}
    found = permutation_importance(lambda x: float(model.score(x, labels)), values, columns, 20, seed=0)
    assert found["both"].mean > 1.3 * found["one"].mean
    assert found["both"].mean == pytest.approx(model.score(values, labels) - 1 / 3, abs=0.05)
    assert abs(found["noise"].mean) < 0.02
    assert found["nothing"] == Drop(0, 0)
    again = permutation_importance(lambda x: float(model.score(x, labels)), values, columns, 20, seed=0)
    assert again == found


@pytest.mark.parametrize("classes", [2, 3])
def test_coefficients_are_scikit_learns_and_add_up_to_zero(classes: int) -> None:
    values, labels = toy(classes)
    features = {"train": values, "validation": values}
    model = fit_logistic(features, one_hot(labels, classes))
    groups = np.arange(len(labels)).astype(object)
    found = logistic_coefficients(model, values, np.eye(classes)[labels], groups, resamples=40, seed=0)
    assert found.value.shape == (classes, 3)
    np.testing.assert_allclose(found.value.sum(axis=0), 0, atol=1e-3)
    scaled = model[0].transform(values)
    logits = scaled @ found.value.T + (np.array([-0.5, 0.5]) if classes == 2 else 1) * model[-1].intercept_
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(shares, model.predict_proba(values), atol=1e-6)
    assert (found.low <= found.value + 0.05).all()
    assert (found.value - 0.05 <= found.high).all()
    assert (found.low[-1, :2] > 0).all()
    assert abs(found.value[-1, 2]) < 0.2 * found.value[-1, 0]
    np.testing.assert_array_equal(predict_logistic(model, features["train"], classes), model.predict_proba(values))


def test_intervals_are_wider_where_whole_artists_are_resampled() -> None:
    values, labels = toy()
    repeated, again = np.repeat(values, 4, axis=0), np.repeat(labels, 4)
    artist = np.repeat(np.arange(len(values)), 4).astype(object)
    part = {"train": repeated, "validation": repeated}
    model, target = fit_logistic(part, one_hot(again, 3)), np.eye(3)[again]
    alone = logistic_coefficients(model, repeated, target, np.arange(len(again)).astype(object), 60, seed=0)
    whole = logistic_coefficients(model, repeated, target, artist, 60, seed=0)
    width = (whole.high - whole.low) / (alone.high - alone.low)
    assert 1.4 < np.median(width) < 2.8  # copies fourfold: twice as wide


def test_a_class_that_training_lacks_has_no_weights() -> None:
    values, labels = toy()
    part = {"train": values, "validation": values}
    model = fit_logistic(part, one_hot(labels, 4))
    found = logistic_coefficients(model, values, np.eye(4)[labels], np.arange(len(labels)).astype(object), 5, seed=0)
    assert np.isnan(found.value[3]).all()
    assert np.isfinite(found.low[:3]).all()


def test_figures_show_the_most_important_of_many() -> None:
    drops = {f"f{index}": Drop(index / 100, 0.01) for index in range(30)}
    figure = features.importances({"g": Drop(0.2, 0.01)}, drops, "validation")
    shown = [label.get_text() for label in figure.axes[1].get_yticklabels()]
    assert shown == [f"f{index}" for index in range(29, 13, -1)]
