import numpy as np

from emotionart.works.suggest import suggest_labels, uncertainty


def test_uncertainty_is_the_entropy_in_parts_of_the_largest() -> None:
    found = uncertainty(np.array([[1.0, 0.0], [0.5, 0.5], [0.9, 0.1]]))
    np.testing.assert_allclose(found, [0, 1, 0.468996], atol=1e-6)


def test_of_two_that_are_alike_only_one_is_asked_for_first() -> None:
    features = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    probabilities = np.array([[0.5, 0.5], [0.5, 0.5], [0.8, 0.2]])
    assert suggest_labels(features, probabilities, 2).row.tolist() == [0, 2]
    assert sorted(suggest_labels(features, probabilities, 9).row.tolist()) == [0, 1, 2]
    assert suggest_labels(np.empty((3, 0), np.float32), probabilities, 2).row.tolist() == [0, 1]
