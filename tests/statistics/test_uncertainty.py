import numpy as np
import pytest
from scipy.stats import entropy as scipy_entropy
from sklearn.metrics import mutual_info_score

from emotionart.statistics.calibration.uncertainty import entropy, mutual_information


def test_entropy_is_scipys_and_knows_certainty() -> None:
    shares = np.array([[1.0, 0, 0], [0.5, 0.25, 0.25], [1 / 3] * 3])
    np.testing.assert_allclose(entropy(shares), scipy_entropy(shares, axis=1))


def test_mutual_information_is_that_between_the_model_and_the_class() -> None:
    counts = np.array([[7, 2, 1], [1, 3, 6]])
    expected = mutual_info_score(None, None, contingency=counts)
    assert mutual_information(counts[:, None] / 10) == pytest.approx([expected])


def test_models_that_agree_say_nothing_of_each_other_and_opposed_ones_all() -> None:
    agreeing, opposed = np.full((3, 1, 2), 0.5), np.array([[[1.0, 0]], [[0.0, 1]]])
    assert mutual_information(agreeing) == pytest.approx([0], abs=1e-15)
    assert mutual_information(opposed) == pytest.approx([np.log(2)])
