"""What stands beside a run's accuracy: what people reach, and the lead over what must be beaten."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import statsmodels.api as sm

from emotionart.classifier.evaluation.result import findings, headlines

Done = tuple[Path, dict]
Run = Callable[..., Done]


def test_what_people_reach_stands_beside_the_accuracy(done_run: Done) -> None:
    _, result = done_run
    people, levels = result["human"]["test"], result["agreement"]["test"]
    # One vote against four others is harder to name than the majority of five.
    assert 0.3 < people["acc"]["value"] < result["ceiling"]["test"]
    assert 0.3 < people["label_noise"]["value"] < 0.7
    assert sum(level["n"] for level in levels.values()) == people["n"] == result["test"]["n"]
    hits = sum(level["n"] * level["acc"]["value"] for level in levels.values())
    assert hits / people["n"] == pytest.approx(result["test"]["acc"]["value"])
    told = "\n".join(findings(result))
    assert f"agree with the majority of the others on {people['acc']['value']:.1%}" in told
    assert f"drawn from the model's probabilities on {people['sampled_acc']['value']:.1%}" in told
    assert "accuracy by agreement: all agree" in told
    assert result["test"]["groups"] < 20
    assert f"Only {result['test']['groups']} artists (or single artworks) in the test split" in told


def test_an_artist_of_most_test_works_is_named(done_run: Done) -> None:
    folder, result = done_run
    split = pd.read_csv(folder / "split.csv", na_filter=False)
    artists = split["group"][split["part"] == "test"].value_counts()
    largest = result["test"]["largest_group"]
    assert artists[largest["name"]] == largest["n"] == artists.max()
    test = result["test"] | {"groups": 12, "effective_groups": 3.25}
    assert f"count as 3.2, as one ({largest['name']}) has {largest['n']} of" in "\n".join(
        findings(result | {"test": test})
    )
    del test["effective_groups"], test["largest_group"]  # as in runs of earlier versions
    assert "artists (or single artworks)" not in "\n".join(findings(result | {"test": test}))


def test_the_lead_over_a_baseline_is_paired(tiny_run: Run) -> None:
    folder, result = tiny_run("model=cv_fc", "trainer.max_epochs=1", pixels=False)
    assert set(result["lead"]) == set(result["baselines"]) == {"majority", "logistic regression"}
    for name, lead in result["lead"].items():
        theirs = result["baselines"][name]["test"]["acc"]["value"]
        assert lead["value"] == pytest.approx(result["test"]["acc"]["value"] - theirs)
        assert lead["low"] <= lead["value"] <= lead["high"]
    predicted = pd.read_csv(folder / "predictions.csv").merge(pd.read_csv(folder / "split.csv")[["id", "group"]])
    tested = predicted[predicted["part"] == "test"]
    right = tested["predicted"] == tested["class"]
    largest = predicted.loc[predicted["part"] == "train", "class"].mode()[0]
    difference = right.astype(int) - (tested["class"] == largest)
    artist, size = np.unique(tested["group"], return_inverse=True)[1], tested["group"].value_counts()
    oracle = sm.OLS(difference.to_numpy(), np.ones(len(difference))).fit(
        cov_type="cluster", cov_kwds={"groups": artist}
    )
    half = scipy.stats.t.ppf(0.975, size.sum() ** 2 / (size**2).sum() - 1) * oracle.bse[0]
    lead = result["lead"]["majority"]
    assert (lead["low"], lead["high"]) == pytest.approx((lead["value"] - half, lead["value"] + half))


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.01, 0.2, "above"), (-0.1, 0.1, "not clearly above or below"), (-0.3, -0.1, "below")],
)
def test_the_verdict_follows_the_interval_of_the_lead(done_run: Done, low: float, high: float, verdict: str) -> None:
    _, result = done_run
    lead = {"majority": {"value": (low + high) / 2, "low": low, "high": high}}
    assert f" artworks: {verdict} the majority baseline" in findings({**result, "lead": lead})[0]


def test_one_class_for_every_artwork_is_told(done_run: Done) -> None:
    _, result = done_run
    majority = result["baselines"]["majority"]["test"]
    largest = result["classes"][np.array(majority["confusion"]).sum(axis=0).argmax()]
    assert not any("for every test artwork" in line for line in findings(result))
    told = f"it names {largest!r} (the largest class in training) for every test artwork: it tells no classes apart"
    assert told in headlines({**result, "test": majority})
    other = {**majority, "confusion": np.roll(majority["confusion"], 1, axis=1).tolist()}
    told = [line for line in headlines({**result, "test": other}) if "for every test artwork" in line]
    assert len(told) == 1
    assert "largest class" not in told[0]
    right = {**majority, "confusion": np.diag([3, *[0] * (len(result["classes"]) - 1)]).tolist()}
    assert not any("for every test artwork" in line for line in headlines({**result, "test": right}))


def test_logistic_regression_is_not_told_as_its_own_rival(done_run: Done) -> None:
    _, result = done_run
    logistic = {"baselines": {**result["baselines"], "logistic regression": result["baselines"]["majority"]}}
    rival = {**result["lead"], "logistic regression": result["lead"]["majority"]}
    for lead, told in ((result["lead"], False), (rival, True)):
        assert ("logistic regression on the same features" in findings({**result, **logistic, "lead": lead})[0]) is told
