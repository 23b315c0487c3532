import numpy as np
import pytest

from emotionart.explain.faithfulness import paired_gain


def test_a_gain_has_an_interval_around_its_mean() -> None:
    better, than = np.random.default_rng(0).normal(1, 1, 400), np.zeros(400)
    gain = paired_gain(better, than)
    assert gain["effect"] == pytest.approx(better.mean() / better.std(ddof=1))
    assert gain["low"] < gain["value"] < gain["high"]
    assert gain["high"] - gain["low"] == pytest.approx(2 * 1.96 / 20, rel=0.1)


def test_a_gain_that_is_always_the_same_or_of_one_picture_has_no_effect_size() -> None:
    assert paired_gain(np.ones(5), np.zeros(5))["effect"] == 0
    assert paired_gain(np.ones(1), np.zeros(1))["effect"] == 0
