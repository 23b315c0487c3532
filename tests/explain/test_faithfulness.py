import numpy as np
import pytest
from scipy.stats import binomtest

from emotionart.explain.faithfulness import beats, without_skill
from emotionart.explain.images import ImageSet


def images(right: int, of: int) -> ImageSet:
    label = np.arange(of) % 2
    predicted = np.where(np.arange(of) < right, label, 1 - label)
    names = np.array([str(number) for number in range(of)], dtype=object)
    pixels = np.zeros((of, 2, 2, 3), np.uint8)
    return ImageSet(names, names, pixels, np.arange(of), label, None, np.eye(2)[predicted])


def test_maps_of_a_network_without_skill_deserve_no_belief() -> None:
    assert without_skill(images(90, 100)) is None
    told = without_skill(images(55, 100))
    assert told is not None
    assert told.startswith("These maps do not deserve belief: the network's accuracy (55% of 100)")


@pytest.mark.parametrize("right", [50, 59, 60, 61, 100])
def test_better_than_chance_is_the_exact_test(right: int) -> None:
    assert beats(right / 100, 0.5, 100) == (binomtest(right, 100, 0.5, alternative="greater").pvalue < 0.025)
