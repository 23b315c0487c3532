from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import emotionart
from emotionart.classifier.ensemble import Ensemble
from emotionart.errors import UserError
from emotionart.statistics.calibration.uncertainty import mutual_information

Done = tuple[Path, dict]


def _validation(folder: Path) -> pd.DataFrame:
    predictions = pd.read_csv(folder / "predictions.csv").merge(pd.read_csv(folder / "split.csv")[["id", "image"]])
    return predictions[predictions["part"] == "validation"]


def test_an_ensemble_averages_what_its_runs_have_predicted(done_run: Done, tiny_run: Callable[..., Done]) -> None:
    other, _ = tiny_run("seed=1", "model.representation.size=24")
    ensemble = emotionart.load_run([done_run[0], other])
    assert isinstance(ensemble, Ensemble)
    first, second = _validation(done_run[0]), _validation(other)
    columns = [f"p({name})" for name in ensemble.classes]
    expected = np.stack([first[columns], second[columns]])
    each = ensemble.predict_each(first["image"].tolist())
    np.testing.assert_allclose(each, expected, atol=2e-6)
    np.testing.assert_allclose(ensemble.predict(first["image"].tolist()), expected.mean(axis=0), atol=2e-6)
    assert (mutual_information(each) > 1e-5).any(), "two seeds do not agree everywhere"
    assert ensemble.predict([]).shape == (0, len(ensemble.classes))


def test_runs_that_make_no_ensemble_are_named(done_run: Done, tiny_run: Callable[..., Done]) -> None:
    with pytest.raises(UserError, match="given twice"):
        emotionart.load_run([done_run[0], f"{done_run[0]}/../run"])
    with pytest.raises(UserError, match="needs at least one run"):
        emotionart.load_run([])
    polarity, result = tiny_run("labels=as_is", "trainer.max_epochs=1")
    with pytest.raises(UserError, match=f"has other classes.*{result['classes'][0]}"):
        emotionart.load_run([done_run[0], polarity])
