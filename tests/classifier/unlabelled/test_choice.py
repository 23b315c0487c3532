import numpy as np

from emotionart.classifier.unlabelled.choice import choose_confident


def test_classes_keep_the_shares_of_their_labelled_works() -> None:
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet([0.5, 0.5, 0.5], 500)
    counts = np.array([20, 40, 0])
    label, sure = probabilities.argmax(1), probabilities.max(1)
    rows = choose_confident(probabilities, counts, 0.6, 2.0)
    assert np.bincount(label[rows], minlength=3).tolist() == [40, 80, 0]
    assert (sure[rows] >= 0.6).all()
    left = np.setdiff1d(np.flatnonzero(label == 1), rows)
    assert sure[rows][label[rows] == 1].min() >= sure[left].max(), "the surest come first"


def test_the_class_with_the_fewest_sure_predictions_sets_the_number() -> None:
    probabilities = np.array([[0.9, 0.1]] * 30 + [[0.2, 0.8]] * 3 + [[0.45, 0.55]] * 9)
    rows = choose_confident(probabilities, np.array([10, 6]), 0.7, 4.0)
    assert np.bincount(probabilities[rows].argmax(1)).tolist() == [5, 3]
    assert len(choose_confident(probabilities, np.array([10, 6]), 0.85, 4.0)) == 0
