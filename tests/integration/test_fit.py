"""Pictures that are not square become so in the same way in training and in prediction."""

from pathlib import Path

import numpy as np
import pandas as pd

from emotionart.classifier.predictor import load_run
from emotionart.config.compose import compose
from emotionart.pipeline import run
from tests.data.tables.cases import LABELS, pictures


def test_new_pictures_are_cropped_as_those_of_training_were(tmp_path: Path) -> None:
    names = pictures(tmp_path)
    labels = [LABELS[number % 3] for number in range(len(names))]
    pd.DataFrame({"image": names, "label": labels}).to_csv(tmp_path / "labels.csv", index=False)
    overrides = [
        *("data=table", f"data.path={tmp_path / 'labels.csv'}", "labels=as_is", "data.fit=crop"),
        *("model.representation.size=16", "trainer.max_epochs=1", "trainer.threads=1", "logger=none"),
        *("data.near_duplicates=null", f"cache={tmp_path / 'cache'}"),
    ]
    composed = compose(overrides)
    result = run(composed, tmp_path / "run")
    assert result["representation"]["fit"] == "crop"

    split = pd.read_csv(tmp_path / "run/split.csv").set_index("id")
    tested = pd.read_csv(tmp_path / "run/predictions.csv").query("part == 'test'")
    files = [split.loc[id, "image"] for id in tested["id"]]
    found = load_run(tmp_path / "run").predict(files)
    columns = [f"p({name})" for name in result["classes"]]
    np.testing.assert_allclose(found, tested[columns].to_numpy(), atol=2e-6)
