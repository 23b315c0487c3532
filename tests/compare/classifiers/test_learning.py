"""Rows that differ in the number of training artworks are learning curves, too."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emotionart.cli.main import main
from emotionart.cli.train import main as train
from emotionart.compare.classifiers.learning import LearningCurve, curve_notes
from emotionart.statistics.learning_curve import fit_power_law
from tests.conftest import TINY


def test_runs_on_more_and_more_artworks_are_a_curve(
    tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["-m", "data.train_count=24,48", "trainer.max_epochs=1", "model.representation.size=16", "logger=none"]
    assert train([*asked, *TINY, f"cache={cache}", f"hydra.sweep.dir={tmp_path}/runs"]) == 0
    capsys.readouterr()
    assert main(["report", str(tmp_path / "runs")]) == 0
    assert main(["table", str(tmp_path / "runs")]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Learning curves, over the runs of each number of training artworks." in told
    assert "% with 24 artworks to learn from, " in told
    picture = np.asarray(Image.open(tmp_path / "runs/learning_curves.png").convert("RGB"))
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 20
    assert (tmp_path / "runs/report.html").read_text().count("Learning curves: test accuracy") == 1


def test_a_fitted_curve_says_what_more_artworks_would_bring() -> None:
    counts = (125, 250, 500, 1000)
    accuracy = tuple((0.7 - 2 * count**-0.5, 0.702 - 2 * count**-0.5) for count in counts)
    curve = LearningCurve("linear", counts, accuracy, fit_power_law(counts, accuracy))
    (how, said) = curve_notes([curve])
    assert "power law" in how
    assert said.startswith(
        "linear: 52.2 % with 125 artworks to learn from, 63.8 % with 1,000; 500 more would bring +1.2 p"
    )
