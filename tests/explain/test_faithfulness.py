import numpy as np
import pytest
import scipy.stats
import statsmodels.api as sm

from emotionart.explain.faithfulness import paired_gain


def test_a_gain_has_an_interval_around_its_mean() -> None:
    better, than = np.random.default_rng(0).normal(1, 1, 400), np.zeros(400)
    gain = paired_gain(better, than, np.arange(400))
    assert gain["effect"] == pytest.approx(better.mean() / better.std(ddof=1))
    assert gain["low"] < gain["value"] < gain["high"]
    assert gain["high"] - gain["low"] == pytest.approx(2 * 1.96 / 20, rel=0.1)


def test_works_of_one_artist_are_not_taken_for_independent_ones() -> None:
    draw = np.random.default_rng(0)
    artist = np.repeat(np.arange(10), 10)
    gain = draw.normal(0, 0.2, 10)[artist] + draw.normal(0.08, 0.02, 100)
    oracle = sm.OLS(gain, np.ones(100)).fit(cov_type="cluster", cov_kwds={"groups": artist})
    half = scipy.stats.t.ppf(0.975, 9) * oracle.bse[0]
    found = paired_gain(gain, np.zeros(100), artist)
    assert (found["low"], found["high"]) == pytest.approx((gain.mean() - half, gain.mean() + half))
    alone = paired_gain(gain, np.zeros(100), np.arange(100))
    assert alone["low"] > 0 > found["low"], "a gain that a few artists make"
    assert alone["effect"] == found["effect"]


def test_a_gain_that_is_always_the_same_or_of_one_picture_has_no_effect_size() -> None:
    assert paired_gain(np.ones(5), np.zeros(5), np.arange(5))["effect"] == 0
    assert paired_gain(np.ones(1), np.zeros(1), np.arange(1))["effect"] == 0
