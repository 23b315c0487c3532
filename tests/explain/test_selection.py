import numpy as np

from emotionart.explain.selection import balanced, worst_first


def test_classes_take_turns_as_long_as_they_last() -> None:
    label = np.array([0, 0, 0, 0, 1, 1, 2])
    order = balanced(label, np.arange(7))
    assert label[order].tolist() == [0, 1, 2, 0, 1, 0, 0]
    assert order.tolist() == [0, 4, 6, 1, 5, 2, 3]


def test_half_are_the_most_confident_mistakes_and_no_artwork_comes_twice() -> None:
    generator = np.random.default_rng(0)
    probabilities, label = generator.dirichlet(np.ones(3), 60), generator.integers(0, 3, 60)
    order = worst_first(probabilities, label, 20)
    assert len(set(order.tolist())) == 20
    wrong = np.flatnonzero(probabilities.argmax(1) != label)
    expected = sorted(wrong, key=lambda row: -probabilities[row].max())[:10]
    assert order[:10].tolist() == expected
    counts = np.bincount(label[order[10:]], minlength=3)
    assert counts.max() - counts.min() <= 1
    assert len(worst_first(probabilities, label, 100)) == 60


def test_pictures_of_unknown_class_are_no_mistakes() -> None:
    order = worst_first(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([-1, -1]), 2)
    assert order.tolist() == [0, 1]
