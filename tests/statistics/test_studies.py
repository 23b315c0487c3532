"""What docs/statistics.md claims, on a tenth of its repetitions."""

import numpy as np
import pytest

from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def studies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "studies")


@pytest.mark.parametrize("artists", [True, False])
def test_the_comparison_of_two_rows_errs_as_seldom_as_it_says_and_finds_more(artists: bool) -> None:
    from differences import Design, found

    _, wrong = found(Design(125, artists, 0.02, (2, 2)), 120)
    assert wrong <= 0.1
    before, after = found(Design(125, artists, 0.02, (2, 2), difference=0.1), 120)
    assert after > 1.5 * before


def test_intervals_over_six_artists_cover_where_a_percentile_bootstrap_does_not() -> None:
    from intervals import draw, percentiles, values

    from emotionart.statistics.estimate import clustered_mean

    generator, old, new = np.random.default_rng(0), 0, 0
    truth = values(draw(np.random.default_rng(1), 4000, 40_000, even=True))[0]
    for _ in range(300):
        probabilities, labels, artist = draw(generator, 6, 120, even=False)
        hits = (probabilities.argmax(axis=1) == labels).astype(float)
        low, high = percentiles(generator, hits[:, None], artist).ravel()
        old += low <= truth <= high
        low, high = clustered_mean(hits, artist).interval(0, 1)
        new += low <= truth <= high
    assert old / 300 < 0.92 <= new / 300


def test_with_few_validation_artworks_a_prior_costs_less_than_other_temperatures() -> None:
    from temperature import costs

    few = costs(20, 4)
    assert few["prior 0.5 (used)"] < 0.7 * min(few["maximum likelihood"], few["smoothed targets (Platt)"])
    assert few["prior 0.5 (used)"] < 0.7 * few["not calibrated"]
