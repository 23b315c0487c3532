import numpy as np

from emotionart.statistics.baseline import fit_logistic, predict_logistic
from emotionart.statistics.metrics import point_metrics


def voted(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features and the shares of five votes each, whose probabilities follow the features."""
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(count, 4))
    weight = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]])
    probability = np.exp(values @ weight)
    probability /= probability.sum(axis=1, keepdims=True)
    return values, np.array([generator.multinomial(5, row) for row in probability]) / 5


def test_what_is_fitted_is_the_cross_entropy_against_the_votes() -> None:
    """At its minimum the gradient, written out here, is zero."""
    values, votes = voted(300, 0)
    model = fit_logistic({"train": values, "validation": values}, {"train": votes, "validation": votes})
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    residual = predict_logistic(model, values, 3) - votes
    penalty = model[-1].coef_ / model[-1].C
    np.testing.assert_allclose(residual.T @ scaled + penalty, 0, atol=0.05)
    np.testing.assert_allclose(residual.sum(axis=0), 0, atol=0.05)


def test_votes_are_nearer_for_whoever_has_learnt_them() -> None:
    """Much of the published gap between networks and the regression came from the target alone."""
    (train, votes), (test, truth) = voted(600, 1), voted(600, 2)
    labels = np.eye(3)[votes.argmax(axis=1)]
    features = {"train": train, "validation": train}
    kl = {
        name: point_metrics(
            predict_logistic(fit_logistic(features, dict.fromkeys(features, target)), test, 3),
            truth.argmax(axis=1),
            truth,
        )["kl"]
        for name, target in (("votes", votes), ("labels", labels))
    }
    assert kl["votes"] < 0.8 * kl["labels"]
