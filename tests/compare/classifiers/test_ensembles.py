from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score

from emotionart.compare.classifiers.ensembles import EnsembleRow, ensembles
from emotionart.compare.classifiers.predictions import read_predictions
from emotionart.compare.classifiers.rows import Row
from emotionart.compare.runs import Fold, SweepRun, pools
from emotionart.run.folder import RunFolder
from tests.stored import write_split, write_stored

LABELS = {"a": "joy", "b": "fear", "c": "joy", "d": "fear", "e": "joy", "x": "joy"}  # x is trained on
JOY = [
    {"a": 0.9, "b": 0.6, "c": 0.4, "d": 0.3, "e": 0.1, "x": 0.9},
    {"x": 0.9, "e": 0.2, "d": 0.8, "c": 0.7, "b": 0.1, "a": 0.6},
]  # of each seed, in another order; the means are .75, .35, .55, .55, .15: d and e are wrong
TESTED = "abcde"


def write(folder: Path, joy: dict[str, float], test: str) -> SweepRun:
    folder.mkdir()
    rows = [
        f"{id},{id}.png,{'test' if id in test else 'train'},{LABELS[id]},{'joy' if p > 0.5 else 'fear'},{1 - p},{p}"
        for id, p in joy.items()
    ]
    (folder / "predictions.csv").write_text("\n".join(["id,image,part,class,predicted,p(fear),p(joy)", *rows]) + "\n")
    write_split(folder, {id: str(n) for n, id in enumerate(LABELS)})
    write_stored(folder, representation={"weights": "random"})
    return SweepRun(RunFolder(folder), 0)


def ensemble(runs: list[SweepRun]) -> EnsembleRow:
    row = Row("net", tuple(run.seed for run in runs), (), {}, None, read_predictions(pools(runs)), False)
    (found,) = ensembles([row], {"net": runs})
    return found


def test_an_ensemble_averages_the_probabilities_of_a_rows_seeds(tmp_path: Path) -> None:
    runs = [SweepRun(write(tmp_path / str(seed), joy, TESTED).folder, seed) for seed, joy in enumerate(JOY)]
    found = ensemble(runs)
    assert found.predictions is not None
    assert found.predictions.hits.tolist() == [[True, True, True, False, False]]
    assert found.name == "net, ensemble"
    assert found.random_features
    label, predicted = [LABELS[id] for id in TESTED], ["joy", "fear", "joy", "joy", "fear"]
    assert found.mean("balanced_acc") == pytest.approx(balanced_accuracy_score(label, predicted))
    assert found.mean("f1_macro") == pytest.approx(f1_score(label, predicted, average="macro"))
    assert found.mean("train_acc") == 1
    single = [np.mean([(p > 0.5) == (LABELS[id] == "joy") for id, p in joy.items() if id in TESTED]) for joy in JOY]
    assert found.gain.value == pytest.approx(0.6 - np.mean(single))
    low, high = found.gain.interval()
    assert low < found.gain.value < high


def test_the_folds_of_an_ensemble_are_pooled(tmp_path: Path) -> None:
    runs = []
    for seed, joy in enumerate(JOY):
        for number, test in enumerate(("abx", "cde")):
            folder = write(tmp_path / f"{seed}{number}", joy, test).folder
            runs.append(SweepRun(folder, seed, Fold(0, number, 2)))
    found = ensemble(runs)
    assert found.predictions is not None
    assert found.predictions.hits.tolist() == [[True, True, True, False, False, True]]
    assert found.predictions.fold is not None
    assert found.predictions.factor > 1
    assert found.mean("acc") == pytest.approx(4 / 6)


def test_a_row_of_one_seed_is_no_ensemble(tmp_path: Path) -> None:
    run = write(tmp_path / "run", JOY[0], TESTED)
    row = Row("net", (0,), (), {}, None, read_predictions(pools([run])), False)
    assert ensembles([row], {"net": [run]}) == ()
