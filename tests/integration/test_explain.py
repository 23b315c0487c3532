"""`emotionart explain` on tiny runs of every kind of network."""

import csv
import json
import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from PIL import Image
from scipy.special import softmax

from emotionart.classifier.predictor import load_run
from emotionart.cli.main import main as emotionart
from emotionart.config.compose import compose
from emotionart.data.gallery.gallery import find_cues
from emotionart.data.pictures.decode import load_resized
from emotionart.errors import UserError
from emotionart.explain.explain import Options, explain
from emotionart.explain.images import read_tested_images
from emotionart.explain.model import picture_network, precision_sentence
from tests.conftest import SHARED, SQUEEZENET, TINY_PIXELS, carry_out
from tests.integration.test_transfer import LAST_GRID
from tests.wandb_log import read_offline_runs

Done = tuple[Path, dict]
Run = Callable[..., Done]

POOLED = ("model.network.pool=true", "data.global_cues=0.5", "data.local_cues=0.5", "trainer.max_epochs=1")
FAST = ("--n", "6", "--faithfulness", "4", "--steps", "2", "--no-ablation")


@pytest.fixture(scope="module")
def pooled_once(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    folder = tmp_path_factory.mktemp("pooled") / "run"
    return folder, carry_out(folder, cache, [*TINY_PIXELS, "logger=csv", *POOLED])


@pytest.fixture
def pooled(pooled_once: Done, tmp_path: Path) -> Done:
    """Folder and result of a run of one's own, whose network ends in the mean of its maps."""
    folder, result = pooled_once
    return shutil.copytree(folder, tmp_path / "run"), result


def explained(run: Path, *arguments: str) -> tuple[Path, dict]:
    out = run / "why"
    assert emotionart(["explain", str(run), *FAST, "--out", str(out), *arguments]) == 0
    return out, json.loads((out / "explain.json").read_text())


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert emotionart(["explain", *FAST, *arguments]) == 2
    error = capsys.readouterr().err
    assert "Traceback" not in error
    return error


def test_a_pooled_shallow_run_gets_class_activation_maps(pooled: Done, caplog: pytest.LogCaptureFixture) -> None:
    run, result = pooled
    with caplog.at_level(logging.INFO, "emotionart.progress"):
        out, told = explained(run)
    assert "mapping artworks by cam at trunk: 6 of 6" in caplog.messages
    assert {line.partition(":")[0] for line in caplog.messages} >= {
        "measuring deletion and insertion curves", "randomising layers", "pointing of random networks",
        "optimising class models, in steps", "combining pictures with partners",
    }  # fmt: skip
    assert {path.name for path in out.iterdir()} == {
        "explain.json", "gallery.html", "maps.npz", "maps.png", "classes.npz", "classes.png", "cues.png",
        "reliability.png",
    }  # fmt: skip
    assert (told["method"], told["layer"], told["n"]) == ("cam", "trunk", 6)
    found = np.load(out / "maps.npz")
    page = (out / "gallery.html").read_text()
    assert not any(name in page for name in found["name"]), "names are those of files, not digests"
    assert all(Path(image).name in page for image in _images(run, found["name"]))
    assert found["maps"].shape == (6, 4, 4, 4)
    assert (found["maps"] < 0).any()
    # The mean of a map plus the bias is the logit: what the maps say is what the run, calibrated, has predicted.
    classifier = load_run(run).classifier
    logits = found["maps"].mean((2, 3)) + classifier.network.head[-1].bias.detach().numpy()
    shares = softmax(logits / classifier.temperature, axis=1)
    np.testing.assert_allclose(shares, found["probabilities"], atol=1e-4)
    page = (out / "gallery.html").read_text()
    # One epoch teaches nothing: that is said first, and of maps nothing is claimed.
    said = next(index for index, line in enumerate(caplog.messages) if "can only explain chance" in line)
    assert not any(line.startswith("mapping artworks") for line in caplog.messages[:said])
    assert told["skill"]["accuracy"] == pytest.approx(result["test"]["acc"]["value"])
    assert told["skill"]["chance"] == result["baselines"]["majority"]["test"]["acc"]["value"]
    assert told["skill"]["above_chance"] == (result["lead"]["majority"]["low"] > 0)
    assert told["reliability"]["summary"] == told["skill"]["warning"]
    assert "These maps are" not in page
    telling = [find_cues(Path(image)) for image in _images(run, ids_of_test(run))]
    assert (
        told["reliability"]["pointing"]["n"] == sum("local" in cues for cues in telling if cues) < result["test"]["n"]
    )
    assert [stage["layer"] for stage in told["reliability"]["randomisation"]] == ["head.1.1", "trunk.3", "trunk.0"]
    assert set(told["reliability"]["faithful"]) == {"deletion", "insertion", "blur", "road"}
    assert set(told["cues"]["kinds"]) == {"whole", "combined", "global", "local"}
    assert told["cues"]["kinds"]["whole"]["acc"] == pytest.approx(result["test"]["acc"]["value"])
    assert page.count("<article") == 6
    assert "http" not in page.replace("http://www.w3.org", "")


def test_the_worst_mistakes_come_first_then_the_classes_in_turn(pooled: Done) -> None:
    run, _ = pooled
    out, _ = explained(run)
    found = np.load(out / "maps.npz")
    wrong = found["probabilities"].argmax(1) != found["label"]
    assert wrong[:3].all()
    confidence = found["probabilities"].max(1)[:3]
    assert (np.diff(confidence) <= 0).all()
    assert len(set(found["label"][3:].tolist())) == 3


def test_a_flattened_head_gets_hirescam_and_any_layer_on_demand(tiny_run: Run) -> None:
    run, _ = tiny_run("trainer.max_epochs=1")
    _, told = explained(run)
    assert (told["method"], told["layer"]) == ("hirescam", "trunk")
    found = explain(run, Options(count=2, method="gradcam", layer="trunk.3", faithfulness=0, steps=0))
    assert found.parent == run / "explain"
    assert np.load(found / "maps.npz")["maps"].shape == (2, 4, 8, 8)


@pytest.mark.parametrize(
    ("name", "source", "more"),
    [
        ("squeezenet1_0", "torchvision", ()),
        pytest.param("resnet10t", "timm", ("model/head=linear", *LAST_GRID), marks=pytest.mark.slow),
    ],
)
def test_behind_stored_features_the_whole_network_is_put_back(
    tiny_run: Run, name: str, source: str, more: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [f"model.backbone.name={name}", f"model.backbone.source={source}", *more]
    run, result = tiny_run(*SQUEEZENET, "trainer.max_epochs=1", *asked, pixels=False)
    predictor = load_run(run)
    network = picture_network(predictor)
    assert network is not None
    out, told = explained(run)
    assert told["method"] == ("cam" if more else "hirescam")
    found = np.load(out / "maps.npz")
    assert found["maps"].shape[:2] == (6, 4)
    pictures = [Path(line).read_bytes() for line in _images(run, found["name"])]
    inputs = predictor.representation.encode(pictures)
    assert list(inputs.shape[1:]) == result["representation"]["shape"]
    pixels = torch.from_numpy(np.stack([load_resized(content, 64) for content in pictures]))
    with torch.no_grad():
        whole = network(pixels.permute(0, 3, 1, 2).float() / 255)
        torch.testing.assert_close(whole, predictor.classifier(inputs), rtol=1e-3, atol=1e-3)
    assert "precision" not in told, "the run computes in float32, too, and predicts the same"
    every = read_tested_images(run, predictor, trust=False)
    assert precision_sentence(predictor, network, every) is None
    others = np.roll(every.probabilities, 1, axis=1)
    others[1:] = every.probabilities[1:]
    sentence = precision_sentence(predictor, network, replace(every, probabilities=others))
    assert sentence is not None
    assert f": 1 of the {len(every)} artworks below has another prediction than in the run." in sentence
    monkeypatch.setattr(predictor.representation, "precision", "bfloat16")
    sentence = precision_sentence(predictor, network, every)
    assert sentence is not None
    assert f"where the run computes in bfloat16: 0 of the {len(every)} artworks below have" in sentence


def ids_of_test(run: Path) -> np.ndarray:
    with (run / "predictions.csv").open() as file:
        return np.array([row["id"] for row in csv.DictReader(file) if row["part"] == "test"])


def _images(run: Path, names: np.ndarray) -> list[str]:
    with (run / "split.csv").open() as file:
        image = {row["id"]: row["image"] for row in csv.DictReader(file)}
    return [image[name] for name in names]


@pytest.mark.slow
def test_a_trained_backbone_and_real_weights_are_explained_too(tiny_run: Run) -> None:
    weights = SHARED / "weights/squeezenet1_0_imagenet.safetensors"
    if not weights.exists():
        pytest.skip(f"no weights at {weights}")
    asked = [item for item in SQUEEZENET if "weights" not in item]
    asked += [f"model.backbone.weights={weights}", "model.freeze=until:features.12", "model/head=linear", *LAST_GRID]
    asked.append("trainer.max_epochs=1")
    run, result = tiny_run(*asked, pixels=False)
    _, told = explained(run, "--faithfulness", "2")
    assert told["method"] == "cam"
    assert told["cues"]["kinds"]["whole"]["acc"] == pytest.approx(result["test"]["acc"]["value"])


def test_features_get_contributions_that_add_up(tiny_run: Run) -> None:
    run, _ = tiny_run("model=cv_fc", "augment=none", "trainer.max_epochs=1", pixels=False)
    out, told = explained(run)
    assert told["method"] == "features"
    assert told["completeness_error"] < 0.01
    found = np.load(out / "contributions.npz")
    assert found["contributions"].shape == (6, 4, 13)
    assert "palette_sad" in found["features"]
    assert {path.name for path in out.iterdir()} >= {"contributions.png", "cues.png", "gallery.html"}
    checkpoint = torch.load(run / "checkpoints/best.ckpt", weights_only=True)
    checkpoint["emotionart"]["features"]["version"] -= 1
    torch.save(checkpoint, run / "checkpoints/best.ckpt")
    with pytest.raises(UserError, match=r"not the one that this run was trained on: .*version"):
        load_run(run)


def test_pictures_of_a_folder_may_have_any_size_and_some_may_be_unreadable(
    pooled: Done, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, result = pooled
    generator = np.random.default_rng(0)
    for index, shape in enumerate([(7, 90, 3), (300, 200, 3), (64, 64), (16, 16, 4)]):
        folder = tmp_path / "mine" / (result["classes"][0] if index == 0 else "others")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(generator.integers(0, 256, shape, dtype=np.uint8)).save(folder / f"{index}.png")
    (tmp_path / "mine/letter.png").write_text("not a picture")
    error = refusal(capsys, str(run), "--images", str(tmp_path / "mine"), "--out", str(tmp_path / "why"))
    assert f"1 picture cannot be read, and is left out:\n    {tmp_path}/mine/letter.png (not a picture" in error
    out = tmp_path / "why"
    told = json.loads((out / "explain.json").read_text())
    assert told["n"] == 4
    assert "others/<wbr>1.png" in (out / "gallery.html").read_text()
    assert "cues" not in told, "the classes of three pictures are not known"
    found = np.load(out / "maps.npz")
    assert sorted(found["label"].tolist()) == [-1, -1, -1, 0]


def test_a_run_in_wandb_gets_a_table_of_pictures_under_its_own_id(
    tiny_run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("WANDB_API_KEY", "WANDB_MODE", "WANDB_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    run, _ = tiny_run(*POOLED, "logger=wandb")
    explained(run)
    patience = time.monotonic() + 20
    while (runs := read_offline_runs(run))[-1].exit_code is None and time.monotonic() < patience:
        time.sleep(0.1)  # W&B's own process writes the file
    trained, after = runs
    assert after.id == trained.id == json.loads((run / "run.json").read_text())["wandb_id"]
    assert after.exit_code == 0
    shown = {key: value for row in after.history for key, value in row.items() if key.endswith("/_type")}
    assert shown["attribution/cam/_type"] == "table-file"
    assert shown["attribution/class_model/_type"] == "table-file"
    content = json.loads(after.artifacts["attribution/cam.table.json"].read_text())
    assert content["columns"][:4] == ["artwork", "picture", "true", "predicted"]
    assert len(content["data"]) == 6
    pictures = [cell["path"] for row in content["data"] for cell in row if isinstance(cell, dict)]
    assert len(pictures) == 3 * 6
    assert all(after.artifacts[path].exists() for path in pictures)


def test_a_run_can_end_with_its_explanation(tiny_run: Run) -> None:
    run, _ = tiny_run(*POOLED, "explain=true", "logger=none")
    (folder,) = (run / "explain").iterdir()
    assert (folder / "gallery.html").exists()
    assert (run / "result.json").exists()


def test_what_cannot_be_explained_is_told(pooled: Done, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run, _ = pooled
    assert "There is no run in this folder." in refusal(capsys, str(tmp_path / "nowhere"))
    error = refusal(capsys, str(run), "--method", "gradcan")
    assert "There is no method 'gradcan'" in error
    assert "did you mean: gradcam" in error
    error = refusal(capsys, str(run), "--layer", "trunk.33")
    assert "There is no layer 'trunk.33'" in error
    assert "did you mean: trunk.3" in error
    assert "--steps must be at least 0, not -1." in refusal(capsys, str(run), "--steps", "-1")
    assert "There are no pictures" in refusal(capsys, str(run), "--images", str(run / "checkpoints"))
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/letter.png").write_text("not a picture")
    assert "letter.png (not a picture but a text file)" in refusal(capsys, str(run), "--images", str(tmp_path / "bad"))
    assert "no file is overwritten" in refusal(capsys, str(run), "--out", str(tmp_path))
    (run / "checkpoints/best.ckpt").unlink()
    error = refusal(capsys, str(run))
    assert "This run has no checkpoint" in error
    assert "a copy of the run with its checkpoints" in error


def test_a_gan_has_no_classes_to_explain(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(compose(["model=gan"]).resolved()))
    assert "This run is a GAN" in refusal(capsys, str(tmp_path))
