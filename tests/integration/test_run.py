import csv
import json
import shutil
from collections.abc import Callable
from importlib.metadata import distributions
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from PIL import Image
from sklearn.metrics import accuracy_score, confusion_matrix

import emotionart
from emotionart.classifier.evaluation.result import findings
from emotionart.config.compose import compose
from emotionart.data.pictures.endings import PICTURE_ENDINGS
from emotionart.errors import Failure, UserError
from emotionart.pipeline import run
from emotionart.statistics.calibration.temperature import HIGHEST
from tests.data.pictures.corpus import make_corpus

Done = tuple[Path, dict]
Run = Callable[..., Done]


def weights(folder: Path, name: str = "last") -> dict[str, torch.Tensor]:
    return torch.load(folder / "checkpoints" / f"{name}.ckpt", weights_only=True)["state_dict"]


def test_a_run_leaves_everything_in_its_folder(done_run: Done) -> None:
    folder, result = done_run
    expected = {
        "config.yaml", "overrides.yaml", "split.csv", "provenance.json", "run.json", "result.json", "metrics.csv",
        "predictions.csv", "checkpoints/best.ckpt", "checkpoints/last.ckpt", "checkpoints/previous.ckpt",
        "report.html", "MODEL_CARD.md", "figures/curves.png",
        "figures/confusion.png", "figures/mistakes.png", "figures/views.png",
    }  # fmt: skip
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found - {".lock"} == expected
    assert json.loads((folder / "result.json").read_text()) == result
    assert json.loads((folder / "run.json").read_text())["status"] == "done"
    assert f"resume={folder} trainer.max_epochs=6" in (folder / "report.html").read_text()
    provenance = json.loads((folder / "provenance.json").read_text())
    assert provenance["threads"] == 1
    assert provenance["packages"]["torch"] == torch.__version__.partition("+")[0]
    assert provenance["packages"] == {item.metadata["Name"]: item.version for item in distributions()}
    assert yaml.safe_load((folder / "config.yaml").read_text())["trainer"]["max_epochs"] == 3


def test_the_result_is_what_the_predictions_say(done_run: Done) -> None:
    folder, result = done_run
    rows = list(csv.DictReader((folder / "predictions.csv").open()))
    for part in ("train", "validation", "test"):
        chosen = [row for row in rows if row["part"] == part]
        shares = np.array([[float(row[f"p({name})"]) for name in result["classes"]] for row in chosen])
        predicted = [row["predicted"] for row in chosen]
        assert predicted == [result["classes"][place] for place in shares.argmax(axis=1)]
        truth = [row["class"] for row in chosen]
        assert result[part]["acc"]["value"] == pytest.approx(accuracy_score(truth, predicted))
        assert result[part]["confusion"] == confusion_matrix(truth, predicted, labels=result["classes"]).tolist()
        assert 0 < result["ceiling"][part] < 1
        assert 0 < result["oracle"][part] < 1
    split = list(csv.DictReader((folder / "split.csv").open()))
    assert {row["id"]: row["part"] for row in split} == {row["id"]: row["part"] for row in rows}
    artists = {part: {row["group"] for row in split if row["part"] == part} for part in ("train", "validation", "test")}
    assert artists["train"].isdisjoint(artists["test"] | artists["validation"])


def test_the_tested_weights_are_those_of_the_best_epoch(tiny_run: Run) -> None:
    folder, result = tiny_run("monitor=val/acc")
    rows = list(csv.DictReader((folder / "metrics.csv").open()))
    accuracies = [float(row["val/acc"]) for row in rows]
    assert result["checkpoint"]["epoch"] == accuracies.index(max(accuracies))
    assert result["monitor"]["value"] == max(accuracies)
    assert result["validation"]["acc"]["value"] == pytest.approx(max(accuracies))
    best, last = (torch.load(folder / f"checkpoints/{name}.ckpt", weights_only=True) for name in ("best", "last"))
    assert "optimizer_states" in last.keys() - best.keys(), "which nobody needs who does not resume"
    assert best["emotionart"] == {**last["emotionart"], "temperature": result["calibration"]["temperature"]}


def test_a_run_is_calibrated_on_validation_and_says_what_that_changed(done_run: Done) -> None:
    folder, result = done_run
    calibration = result["calibration"]
    predictions = pd.read_csv(folder / "predictions.csv")
    shares = predictions[[f"p({name})" for name in result["classes"]]].to_numpy()
    truth = predictions["class"].map(result["classes"].index).to_numpy()
    raw = shares ** calibration["temperature"]  # dividing logits by T is taking the root of probabilities
    raw /= raw.sum(axis=1, keepdims=True)
    for part in ("train", "validation", "test"):
        rows = np.flatnonzero(predictions["part"] == part)
        for values, score in ((shares, result[part]), (raw, calibration["before"][part])):
            assert score["nll"]["value"] == pytest.approx(-np.log(values[rows, truth[rows]]).mean(), rel=1e-4)
    assert emotionart.load_run(folder).classifier.temperature == calibration["temperature"] != 1
    flat = "equal probabilities are no worse"
    assert not any(flat in line for line in findings(result))
    limit = {**result, "calibration": {**calibration, "temperature": HIGHEST}}
    assert any(flat in line for line in findings(limit))


def test_epochs_without_validation_have_no_validation_metrics(tiny_run: Run) -> None:
    folder, result = tiny_run("trainer.check_val_every_n_epoch=2", "trainer.max_epochs=5")
    rows = list(csv.DictReader((folder / "metrics.csv").open()))
    assert [bool(row["val/loss"]) for row in rows] == [False, True, False, True, False]
    assert result["monitor"]["value"] == min(float(row["val/loss"]) for row in rows if row["val/loss"])


def test_a_run_that_never_validates_says_so(tiny_run: Run) -> None:
    with pytest.raises(UserError, match="No epoch was validated"):
        tiny_run("trainer.check_val_every_n_epoch=5", "trainer.max_epochs=2")
    with pytest.raises(UserError, match="An epoch has 12 batches, so none would be validated"):
        tiny_run("trainer.val_check_interval=13", name="before")


def test_the_monitored_value_is_that_of_the_weights_that_were_kept(tiny_run: Run) -> None:
    often = [
        "trainer.val_check_interval=0.25",
        "trainer.max_epochs=2",
        "optimizer.lr=0.02",
        "monitor=val/acc",
        "seed=2",
    ]
    folder, result = tiny_run(*often)
    rows = list(csv.DictReader((folder / "metrics.csv").open()))
    assert result["monitor"]["value"] == pytest.approx(result["validation"]["acc"]["value"])
    assert result["monitor"]["value"] > max(float(row["val/acc"]) for row in rows), "best within an epoch"


def test_what_this_machine_or_these_labels_do_not_have_is_told_first(tiny_run: Run, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="This machine has no accelerator 'tpu'; it has cpu") as caught:
        tiny_run("trainer.accelerator=tpu")
    assert caught.value.fix == "trainer.accelerator=auto"
    with pytest.raises(UserError, match="GPUs are chosen by number") as caught:
        tiny_run("trainer.accelerator=cpu", "trainer.devices=[1]", name="second")
    assert caught.value.fix == "trainer.devices=1"
    assert not (tmp_path / "run/split.csv").exists()
    with pytest.raises(UserError, match="val/kl compares with votes"):
        tiny_run("monitor=val/kl", "labels.target=majority", name="unvoted")
    stopping = ["callbacks=early_stopping", "callbacks.early_stopping.monitor=val/kl"]
    with pytest.raises(UserError, match="learns from none") as caught:
        tiny_run(*stopping, "labels.target=majority", name="stopping")
    assert caught.value.fix == "callbacks.early_stopping.monitor=val/nll"


def test_whoever_loads_a_run_keeps_their_random_numbers(done_run: Done) -> None:
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    emotionart.load_run(done_run[0])
    assert torch.rand(1) == expected


def test_the_same_run_twice_is_bit_equal(tiny_run: Run) -> None:
    first, second = (tiny_run("augment=random", "figures=now", name=name)[0] for name in ("first", "second"))
    for name, tensor in weights(first).items():
        assert torch.equal(tensor, weights(second)[name])
    for file in ("result.json", "metrics.csv", "predictions.csv", "split.csv", "figures/mistakes.png"):
        assert (first / file).read_bytes() == (second / file).read_bytes()


def test_the_result_does_not_depend_on_the_number_of_workers(tiny_run: Run) -> None:
    alone, helped = tiny_run(name="alone")[0], tiny_run("workers=2", name="helped")[0]
    assert (alone / "result.json").read_bytes() == (helped / "result.json").read_bytes()


def test_another_seed_gives_other_weights_on_the_same_split(tiny_run: Run) -> None:
    first, second = tiny_run("seed=0", name="first")[0], tiny_run("seed=1", name="second")[0]
    assert (first / "split.csv").read_bytes() == (second / "split.csv").read_bytes()
    assert (first / "metrics.csv").read_bytes() != (second / "metrics.csv").read_bytes()


@pytest.mark.parametrize(
    "overrides",
    [
        ["model=shallow_arch2", "optimizer=sgd", "scheduler=cosine"],
        ["optimizer=adamw", "scheduler=plateau", "callbacks=early_stopping", "model.class_weights=balanced"],
        ["labels=as_is", "labels.target=majority", "augment=study", "model.label_smoothing=0.1"],
        ["debug=fast"],
    ],
)
def test_groups_can_be_combined(tiny_run: Run, overrides: list[str]) -> None:
    folder, result = tiny_run(*overrides)
    assert result["test"]["n"] > 0
    assert result["epochs"] == len((folder / "metrics.csv").read_text().splitlines()) - 1 == 3


def test_a_run_that_never_has_a_finite_metric_is_an_error_and_not_a_result(tiny_run: Run, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="No epoch gave a finite val/loss"):
        tiny_run("optimizer=sgd", "optimizer.lr=1e30", "optimizer.momentum=0.0", "optimizer.nesterov=false")
    assert not (tmp_path / "run" / "result.json").exists()
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "failed"
    assert "No epoch gave a finite val/loss" in (tmp_path / "run" / "error.txt").read_text()


def test_a_folder_that_holds_a_run_is_never_written_over(done_run: Done, tiny_run: Run, tmp_path: Path) -> None:
    shutil.copytree(done_run[0], tmp_path / "run")
    with pytest.raises(UserError, match="holds a run already"):
        tiny_run("seed=1")
    assert (tmp_path / "run/result.json").read_bytes() == (done_run[0] / "result.json").read_bytes()


def test_a_run_can_be_loaded_and_predicts_what_it_predicted(done_run: Done) -> None:
    folder, result = done_run
    predictor = emotionart.load_run(folder)
    assert list(predictor.classes) == result["classes"]
    image = {row["id"]: row["image"] for row in csv.DictReader((folder / "split.csv").open())}
    rows = list(csv.DictReader((folder / "predictions.csv").open()))
    expected = [[float(row[f"p({name})"]) for name in result["classes"]] for row in rows]
    np.testing.assert_allclose(predictor.predict([image[row["id"]] for row in rows]), expected, atol=2e-6)
    assert predictor.predict([]).shape == (0, len(result["classes"]))


def test_a_folder_without_a_run_cannot_be_loaded(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no run in this folder"):
        emotionart.load_run(tmp_path)


def test_a_folder_with_odd_files_trains_without_them_or_names_them_all(
    tmp_path: Path, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    generator = np.random.default_rng(0)
    for number in range(200):
        path = tmp_path / "art" / ("joy", "fear")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(generator.integers(0, 256, (20, 20, 3), dtype=np.uint8)).save(path)
    (tmp_path / "art" / "odd").mkdir()
    odd = [odd for odd in make_corpus(tmp_path / "art" / "odd") if odd.reason and odd.path.is_file()]
    bad = [one for one in odd if one.path.suffix.casefold() in PICTURE_ENDINGS]
    unread = [one.path.name for one in odd if one not in bad]
    asked = [
        "data=folder", f"data.path={tmp_path}/art", "labels=as_is", "logger=none", "model.representation.size=16",
        "trainer.max_epochs=1", "trainer.threads=1", f"cache={tmp_path}/cache",
    ]  # fmt: skip
    (tmp_path / "refused").mkdir()
    composed = compose(asked)
    with pytest.raises(UserError, match=f"{len(bad)} of [0-9]+ pictures cannot be used") as caught:
        run(composed, tmp_path / "refused")
    assert all(one.path.name in str(caught.value) and one.reason in str(caught.value) for one in bad)
    assert unread
    assert all(name in caplog.text for name in unread)
    (tmp_path / "run").mkdir()
    composed = compose([*asked, "data.on_bad=skip"])
    result = run(composed, tmp_path / "run")
    assert f"{len(bad)} of " in caplog.text
    assert "are left out" in caplog.text
    assert sum(result[part]["n"] for part in ("train", "validation", "test")) > 200


def test_artworks_of_nobody_stand_alone_in_the_split_and_in_the_intervals(tmp_path: Path) -> None:
    rows = ["image,label,artist"]
    for number in range(60):
        Image.fromarray(np.full((8, 8, 3), 4 * number, np.uint8)).save(tmp_path / f"{number}.png")
        rows.append(f"{number}.png,{('joy', 'fear')[number % 2]},unknown")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    (tmp_path / "run").mkdir()
    asked = [
        "data=table", f"data.path={tmp_path}/labels.csv", "data.group=artist", "data.no_group=[unknown]",
        "data.near_duplicates=null", "labels=as_is", "model.representation.size=8", "trainer.max_epochs=1",
        "logger=none", f"cache={tmp_path}/cache",
    ]  # fmt: skip
    composed = compose(asked)
    accuracy = run(composed, tmp_path / "run")["test"]["acc"]
    assert accuracy["low"] < accuracy["high"]


def test_a_picture_that_is_too_small_for_the_network_is_told(tiny_run: Run) -> None:
    with pytest.raises(UserError, match="2 x 2 pixels cannot be halved 2 times"):
        tiny_run("model.representation.size=2")


def test_a_network_that_gives_no_logits_is_told_before_training(tiny_run: Run, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gives \(2, 3, 16, 16\) for 2 artworks of 4 classes") as caught:
        tiny_run("model.network._target_=tests.sweeps.networks.Unchanged")
    assert "nn.Linear(width, num_classes)" in str(caught.value.fix)
    assert not (tmp_path / "run" / "metrics.csv").exists()


def test_labels_that_nobody_groups_are_listed_with_counts(tiny_run: Run, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="12 labels belong to no class: 'anger'"):
        tiny_run("labels=periods")
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "failed"


def test_only_portraits_are_trained_on_where_they_are_asked_for(done_run: Done, tiny_run: Run) -> None:
    _, everything = done_run
    _, portraits = tiny_run("data.only=portraits", name="portraits")
    assert 0 < portraits["train"]["n"] < everything["train"]["n"]
