"""A run on a measured score, cut into ordered classes, says how far off it is."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from emotionart.classifier.evaluation.result import findings
from emotionart.config.compose import compose
from emotionart.pipeline import run
from tests.data.tables.cases import pictures
from tests.wandb_log import read_offline_runs


def test_a_measured_score_has_ordinal_metrics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    names = pictures(tmp_path)
    scores = np.random.default_rng(0).permutation(60) / 10
    pd.DataFrame({"image": names, "valence": scores}).to_csv(tmp_path / "valence.csv", index=False)
    overrides = [
        *("data=table", f"data.path={tmp_path / 'valence.csv'}", "data.label=valence", "labels=quantiles"),
        *("labels.bins=3", "model.representation.size=16", "trainer.max_epochs=1", "trainer.threads=1"),
        *("logger=wandb", "data.near_duplicates=null", f"cache={tmp_path / 'cache'}"),
    ]
    composed = compose(overrides)
    result = run(composed, tmp_path / "run")
    assert json.loads((tmp_path / "run/result.json").read_text())["test"]["ordinal"] == result["test"]["ordinal"]

    confusion = np.array(result["test"]["confusion"])
    pairs = [(true, guess) for (true, guess), count in np.ndenumerate(confusion) for _ in range(count)]
    labels, predicted = np.array(pairs).T
    found = result["test"]["ordinal"]
    assert found["class_error"]["value"] == pytest.approx(np.abs(labels - predicted).mean())
    expected = cohen_kappa_score(labels, predicted, weights="quadratic", labels=range(3))
    assert found["weighted_kappa"]["value"] == pytest.approx(expected)
    assert f"classes are ordered: off by {np.abs(labels - predicted).mean():.2f} classes" in "\n".join(findings(result))
    (logged,) = read_offline_runs(tmp_path / "run")
    for name in ("class_error", "weighted_kappa"):
        assert logged.summary[f"test/{name}"] == found[name]["value"]
        assert logged.summary[f"test/{name}_low"] == found[name]["low"]
        assert logged.summary[f"best/val/{name}"] == result["validation"]["ordinal"][name]["value"]
