import csv
import hashlib
import json
import logging
import re
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from sklearn.linear_model import LogisticRegression

import emotionart
from emotionart.app.reading import attribution_map
from emotionart.classifier.predictor import load_run
from emotionart.cli.main import main
from emotionart.data.pictures.store import FeatureStore
from emotionart.errors import UserError
from emotionart.export.export import export
from emotionart.run.folder import RunFolder
from emotionart.run.split import pictures_tested
from emotionart.statistics.baseline import fit_logistic, predict_logistic
from tests.conftest import SHARED, SQUEEZENET, TINY, train
from tests.inputs.test_backbone import backbone
from tests.processes import Command
from tests.wandb_log import read_offline_runs

Run = Callable[..., tuple[Path, dict]]

LAST_GRID = ("model.backbone.layer=null", "model.backbone.pool=mean")


def test_a_head_is_trained_on_stored_features(tiny_transfer: Run, tmp_path: Path) -> None:
    cache = f"cache={tmp_path}/own"
    folder, result = tiny_transfer(cache, "augment=study")
    assert result["representation"]["layer"] == ["features.5", "features.10", "features"]
    (width,) = result["representation"]["shape"]
    trainable = (width + 1) * 256 + (256 + 1) * 4
    frozen = sum(weight.numel() for weight in torchvision.models.squeezenet1_0().features.parameters())
    assert result["parameters"] == {"trainable": trainable, "frozen": frozen}
    assert set(result["baselines"]) == {"majority", "logistic regression"}
    stores = list((tmp_path / "own/features").iterdir())
    assert len(stores) == 3
    written = [(store / "data.mdb").read_bytes() for store in stores]
    again, _ = tiny_transfer(cache, "augment=study", name="again")
    assert [(store / "data.mdb").read_bytes() for store in stores] == written, "nothing is computed twice"
    assert (folder / "result.json").read_bytes() == (again / "result.json").read_bytes()
    tiny_transfer(cache, "model/head=linear", "seed=1", name="other head")
    assert len(list((tmp_path / "own/features").iterdir())) == 3
    tiny_transfer(cache, "model.backbone.size=96", name="other size")
    assert len(list((tmp_path / "own/features").iterdir())) == 6


def assert_predicts_what_it_predicted(folder: Path, result: dict, tolerance: float = 1e-5) -> None:
    image = {row["id"]: row["image"] for row in csv.DictReader((folder / "split.csv").open())}
    rows = list(csv.DictReader((folder / "predictions.csv").open()))[:40]
    expected = [[float(row[f"p({name})"]) for name in result["classes"]] for row in rows]
    found = emotionart.load_run(folder).predict([image[row["id"]] for row in rows])
    np.testing.assert_allclose(found, expected, atol=tolerance)


def test_a_transfer_run_predicts_what_it_predicted(tiny_transfer: Run) -> None:
    assert_predicts_what_it_predicted(*tiny_transfer())


def test_lists_of_layers_share_what_was_computed(tiny_transfer: Run, tmp_path: Path) -> None:
    cache, last = f"cache={tmp_path}/own", "model.backbone.layer=features.12"
    tiny_transfer(cache, "model.backbone.pool=mean+std", last)
    (store,) = (tmp_path / "own/features").iterdir()
    written = (store / "data.mdb").read_bytes()
    both = "model.backbone.layer=[features.5,features.12]"
    folder, result = tiny_transfer(cache, "model.backbone.pool=mean+std", both, name="both")
    assert result["representation"]["shape"] == [2 * (256 + 512)]
    assert len(list((tmp_path / "own/features").iterdir())) == 2
    assert (store / "data.mdb").read_bytes() == written
    assert_predicts_what_it_predicted(folder, result)


def test_patches_of_a_transformer_at_another_size_are_trained_on_and_explained(tiny_run: Run, tmp_path: Path) -> None:
    name = ["model.backbone.name=test_vit.r160_in1k", "model.backbone.source=timm", "model.backbone.weights=random"]
    own = ["model.backbone.size=64", "model.backbone.layer=blocks.3", "model.backbone.precision=float32"]
    folder, result = tiny_run("model=transfer", *name, *own, "model.backbone.pool=mean+std", pixels=False)
    used = result["representation"]
    assert (used["name"], used["size"], used["layer"], used["shape"]) == ("test_vit", 64, "blocks.3", [2 * 64])
    assert_predicts_what_it_predicted(folder, result)
    why = ["--method", "gradcam", "--faithfulness", "0", "--steps", "0", "--n", "2", "--out", str(tmp_path / "why")]
    assert main(["explain", str(folder), *why]) == 0
    assert (tmp_path / "why/maps.png").exists()


def test_features_of_two_networks_are_trained_on_together(tiny_run: Run, tmp_path: Path) -> None:
    networks = "model.backbones=[{name:squeezenet1_0},{name:test_resnet,source:timm}]"
    common = ["model.each.weights=random", "model.size=64", "model.precision=float32"]
    folder, result = tiny_run("model=transfer_joined", networks, *common, pixels=False)
    assert result["representation"]["name"] == "squeezenet1_0 + test_resnet"
    assert "logistic regression" in result["baselines"]
    assert_predicts_what_it_predicted(folder, result)
    exported = export(folder, "torch", tmp_path / "both.pt2")  # which compares the file with the run
    assert exported.network.largest < 1e-4
    picture = pictures_tested(RunFolder(folder))[0].read_bytes()
    assert attribution_map(load_run(folder), picture) is None, "the page shows all else"


def test_a_run_in_another_precision_predicts_nearly_the_same(
    tiny_transfer: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    folder, result = tiny_transfer("model.backbone.precision=auto")
    assert result["representation"]["precision"] == "bfloat16"
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    assert_predicts_what_it_predicted(folder, result, tolerance=0.05)
    assert "trained on features in bfloat16, and computes them in float32 here" in caplog.text


def test_random_features_are_marked_everywhere(
    tiny_transfer: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("WANDB_MODE", "offline")
    with caplog.at_level(logging.INFO):
        folder, result = tiny_transfer("model.backbone.weights=random", "logger=wandb")
    assert result["representation"]["weights"] == "random"
    assert "random-features" in read_offline_runs(folder)[0].tags
    assert "RANDOM FEATURES" in caplog.text


def test_weights_that_cannot_be_had_are_random_or_an_error(
    tiny_transfer: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))

    def refuse(*arguments: object, **settings: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr("socket.create_connection", refuse)
    assert backbone(weights="auto").loaded == "random"
    with pytest.raises(UserError, match="published weights of squeezenet1_0 cannot be had"):
        tiny_transfer("model.backbone.weights=imagenet")
    with pytest.raises(UserError, match="published weights of squeezenet1_0 cannot be had") as caught:
        backbone(weights="imagenet")
    assert "model.backbone.weights=FILE" in str(caught.value)


def test_random_augmentation_of_a_frozen_backbone_is_refused(tiny_transfer: Run) -> None:
    with pytest.raises(UserError, match="its views must be finite"):
        tiny_transfer("augment=random")


def test_logistic_regression_is_scikit_learns_with_the_strength_that_validation_likes_best() -> None:
    generator = np.random.default_rng(0)
    label = {part: generator.integers(0, 3, 90) for part in ("train", "validation", "test")}
    features = {part: np.eye(5)[label[part]] + generator.normal(0, 0.6, (90, 5)) for part in label}
    fitted = fit_logistic(features, {part: np.eye(4)[label[part]] for part in label})
    found = {"test": predict_logistic(fitted, features["test"], classes=4)}
    assert (found["test"][:, 3] == 0).all()
    mean, std = features["train"].mean(axis=0), features["train"].std(axis=0)
    losses = {}
    for strength in (1e-4, 1e-3, 1e-2, 1e-1, 1.0):
        model = LogisticRegression(C=strength).fit((features["train"] - mean) / std, label["train"])
        shares = model.predict_proba((features["validation"] - mean) / std)
        losses[strength] = -np.log(shares[np.arange(90), label["validation"]]).mean()
    best = LogisticRegression(C=min(losses, key=losses.get)).fit((features["train"] - mean) / std, label["train"])
    np.testing.assert_allclose(found["test"][:, :3], best.predict_proba((features["test"] - mean) / std), atol=1e-3)


@pytest.mark.skipif(not (SHARED / "weights").exists(), reason="the shared weights are not beside the checkout")
def test_real_weights_are_loaded_and_named_in_the_result(tiny_transfer: Run) -> None:
    weights = SHARED / "weights/squeezenet1_0_imagenet.safetensors"
    given = ["model.backbone.mean=[123,117,104]", "model.backbone.std=[1,1,1]", "model.backbone.scale=1"]
    folder, result = tiny_transfer(f"model.backbone.weights={weights}", *given)
    assert result["representation"]["weights"] == "squeezenet1_0_imagenet.safetensors"
    assert json.loads((folder / "result.json").read_text())["representation"] == result["representation"]


def store_of(cache: Path) -> Path:
    (folder,) = (cache / "features").iterdir()
    return folder


def arguments(cache: Path, folder: Path) -> list[str]:
    return [*SQUEEZENET, *LAST_GRID, *TINY, "augment=study", "logger=none", f"cache={cache}", f"hydra.run.dir={folder}"]


@pytest.mark.slow
def test_a_run_killed_while_it_computes_features_loses_none_of_them(tmp_path: Path) -> None:
    command = Command("train", *arguments(tmp_path / "cache", tmp_path / "killed"))
    command.wait_for(lambda: stored(tmp_path / "cache") >= 64)
    command.kill(signal.SIGKILL)
    command.finish()
    with FeatureStore.open(store_of(tmp_path / "cache")) as store:
        assert list(store.damaged()) == []
        kept = len(store)
    again = train(*arguments(tmp_path / "cache", tmp_path / "again"))
    assert again.returncode == 0, again.stderr
    with FeatureStore.open(store_of(tmp_path / "cache")) as store:
        total = len(store)
    assert f"computing features: {total - kept} of {total - kept}" in again.stdout


def stored(cache: Path) -> int:
    if not list(cache.glob("features/*/data.mdb")):
        return 0
    with FeatureStore.open(store_of(cache)) as store:
        return len(store)


def test_two_runs_at_once_on_an_empty_store_compute_nothing_twice(tmp_path: Path) -> None:
    started = [Command("train", *arguments(tmp_path / "cache", tmp_path / name)) for name in ("one", "two")]
    ended = [command.finish() for command in started]
    assert [process.returncode for process in ended] == [0, 0]
    told = [process.stdout for process in ended]
    with FeatureStore.open(store_of(tmp_path / "cache")) as store:
        assert list(store.damaged()) == []
        total = len(store)
    announced = [set(re.findall(r"computing features: \d+ of (\d+)", text)) for text in told]
    assert sorted(announced, key=len) == [set(), {str(total)}]
    assert (tmp_path / "one/result.json").read_bytes() == (tmp_path / "two/result.json").read_bytes()


def test_a_flipped_bit_in_the_store_is_computed_again(tiny_transfer: Run, tmp_path: Path) -> None:
    cache = f"cache={tmp_path}/own"
    first, _ = tiny_transfer(cache, *LAST_GRID, name="first")
    file = store_of(tmp_path / "own") / "data.mdb"
    picture = next(csv.DictReader((first / "split.csv").open()))["image"]
    digest = hashlib.blake2b(Path(picture).read_bytes(), digest_size=16).hexdigest()
    with FeatureStore.open(file.parent) as store:
        value = store.read([(digest, "identity")]).tobytes()
    data = bytearray(file.read_bytes())
    data[bytes(data).index(value) + 40] ^= 4
    file.write_bytes(data)
    second, _ = tiny_transfer(cache, *LAST_GRID, name="second")
    assert (first / "result.json").read_bytes() == (second / "result.json").read_bytes()
    with FeatureStore.open(file.parent) as store:
        assert list(store.damaged()) == []
