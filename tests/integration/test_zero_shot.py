import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from huggingface_hub import constants
from PIL import Image
from torch.nn import functional as F

import emotionart
from emotionart.cli.main import main
from emotionart.cli.train import main as train
from emotionart.config.compose import compose
from emotionart.config.validate import check
from emotionart.errors import UserError
from emotionart.inputs.image_text import ImageTextRepresentation
from emotionart.networks.pretrained import image_text
from emotionart.networks.pretrained.image_text import trained_as

open_clip = pytest.importorskip("open_clip", reason="the extra clip is not installed")
from open_clip.pretrained import _PRETRAINED  # noqa: E402

Done = tuple[Path, dict]
Run = Callable[..., Done]

NAME = "emotionart-test"
SIZE = 32
PICTURES = {"image_size": SIZE, "layers": 2, "width": 64, "head_width": 32, "patch_size": 8}
TEXTS = {"context_length": 32, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Those of a small network that open_clip knows by `NAME`, drawn so that pictures and texts differ."""
    folder = tmp_path_factory.mktemp("network")
    settings = {"embed_dim": 32, "vision_cfg": PICTURES, "text_cfg": TEXTS}
    (folder / f"{NAME}.json").write_text(json.dumps(settings))
    open_clip.add_model_config(folder)
    torch.manual_seed(1)
    torch.save(open_clip.create_model(NAME, load_weights=False).state_dict(), folder / "tiny.pth")
    return folder / "tiny.pth"


def zero_shot(weights: object) -> list[str]:
    return [
        "model=zero_shot",
        f"model.backbone.name={NAME}",
        f"model.backbone.weights={weights}",
        "model.backbone.precision=float32",
    ]


def scaled_cosines(weights: Path, images: list[Path], prompts: list[list[str]]) -> torch.Tensor:
    """Logits (n, K) by open_clip's own functions."""
    network = open_clip.create_model(NAME, pretrained=str(weights)).eval()
    mean, std = (
        torch.tensor(one).view(3, 1, 1) for one in (open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD)
    )
    shown = [Image.open(image).convert("RGB").resize((SIZE, SIZE), Image.Resampling.BICUBIC) for image in images]
    pixels = torch.stack([(torch.tensor(np.array(one)).permute(2, 0, 1) / 255 - mean) / std for one in shown])
    tokens = open_clip.get_tokenizer(NAME)
    with torch.no_grad():
        texts = [network.encode_text(tokens(one), normalize=True).mean(0) for one in prompts]
        pictures = network.encode_image(pixels, normalize=True)
        return network.logit_scale.exp() * pictures @ F.normalize(torch.stack(texts), dim=1).T


def test_pictures_are_held_against_prompts_and_nothing_is_trained(
    tiny_run: Run, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    glad = ["a merry painting", "a picture of joy"]
    folder, result = tiny_run(
        *zero_shot(weights), f"+labels.prompts.positive={json.dumps(glad)}", "augment=study", pixels=False
    )
    assert (result["epochs"], result["checkpoint"]["epoch"], result["parameters"]["trainable"]) == (0, None, 0)
    prompts = result["prompts"]
    assert prompts["positive"] == glad
    assert prompts["stirred"] == [f"a painting that evokes {word}" for word in ("lust", "envy", "surprise")]
    assert "a painting that evokes no emotion" in prompts["neutral"]

    image = {row["id"]: row["image"] for row in csv.DictReader((folder / "split.csv").open())}
    rows = list(csv.DictReader((folder / "predictions.csv").open()))[:20]
    images = [Path(image[row["id"]]) for row in rows]
    logits = scaled_cosines(weights, images, [prompts[name] for name in result["classes"]])
    expected = torch.softmax(logits / result["calibration"]["temperature"], 1).numpy()
    assert np.ptp(expected, axis=0).max() > 0.01
    written = [[float(row[f"p({name})"]) for name in result["classes"]] for row in rows]
    np.testing.assert_allclose(written, expected, atol=2e-3)  # the picture's resize differs by a grey level
    np.testing.assert_allclose(emotionart.load_run(folder).predict(images), written, atol=1e-5)

    assert main(["figures", str(folder)]) == 0
    assert sorted(file.name for file in (folder / "figures").iterdir()) == ["confusion.png", "mistakes.png"]
    page = (folder / "report.html").read_text()
    assert "a merry painting; a picture of joy" in page and "trains on" not in page
    assert "Never trained" in (folder / "MODEL_CARD.md").read_text()
    assert train([f"resume={folder}", "trainer.max_epochs=40"]) == 2
    assert "Nothing is trained in this run" in capsys.readouterr().err

    table = folder.parent / "other.csv"
    tested = [row for row in csv.DictReader((folder / "predictions.csv").open()) if row["part"] == "test"]
    table.write_text("image,label\n" + "".join(f"{row['image']},{row['class']}\n" for row in tested))
    asked = [f"cache={folder.parent}/cache", "data.near_duplicates=null"]
    assert main(["test", str(folder), str(table), *asked]) == 0
    assert "nothing was trained: " in capsys.readouterr().out
    assert main(["units", str(folder), "--out", str(folder.parent / "units")]) == 2
    assert "one embedding of the whole picture" in capsys.readouterr().err


@pytest.mark.slow
def test_it_is_compared_explained_and_exported_as_a_trained_run_is(
    tiny_run: Run, done_run: Done, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, result = tiny_run(*zero_shot("random"), pixels=False)
    assert result["prompts"]["stirred"][0] == "a painting that evokes lust"
    assert result["representation"]["weights"] == "random"
    assert main(["export", str(folder), "--to", "torch", "--out", str(tmp_path / "file.pt2")]) == 0
    assert "checked on 8 pictures" in capsys.readouterr().out
    why = tmp_path / "why"
    asked = ["--method", "hirescam", "--faithfulness", "0", "--steps", "0", "--n", "2", "--out", str(why)]
    assert main(["explain", str(folder), *asked]) == 0
    assert (why / "maps.png").exists()
    capsys.readouterr()
    assert main(["compare", str(folder), str(done_run[0]), "--out", str(tmp_path / "compared")]) == 0
    assert "RANDOM" in capsys.readouterr().out


def test_published_weights_are_opened_where_they_are_stored_and_missed_where_they_are_not(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object, **named: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr("socket.create_connection", refuse)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setitem(_PRETRAINED, NAME, {"mine": {"hf_hub": "me/tiny/", "mean": (0.5,) * 3, "std": (0.25,) * 3}})
    wanted = {"name": NAME, "weights": "mine", "precision": "float32", "fit": "squash"}
    with pytest.raises(UserError, match=r"cannot be had: huggingface\.co cannot be reached"):
        ImageTextRepresentation(**wanted)
    snapshot = tmp_path / "models--me--tiny/snapshots/1"
    snapshot.mkdir(parents=True)
    (tmp_path / "models--me--tiny/refs").mkdir()
    (tmp_path / "models--me--tiny/refs/main").write_text("1")
    (snapshot / "open_clip_pytorch_model.bin").write_bytes(weights.read_bytes())
    published = ImageTextRepresentation(**wanted)
    assert published.describe()["weights"] == "mine"
    assert (published.mean, published.size) == ([0.5] * 3, SIZE)
    assert published.digest == ImageTextRepresentation(**{**wanted, "weights": str(weights)}).digest


def mistakes(*overrides: str) -> str:
    return "\n".join(str(one) for one in check(compose(["model=zero_shot", *overrides])))


def test_what_means_nothing_to_it_is_refused() -> None:
    told = mistakes("model.backbone.weights=auto", "optimizer=sgd", "start=runs/other", "labels=quantiles")
    assert "did you mean: openai" in told
    assert "does not use the group 'optimizer'" in told
    assert "does not use start" in told
    assert "cannot be put into words" in told


def test_a_file_without_the_texts_tensors_is_refused(weights: Path, tmp_path: Path) -> None:
    state = torch.load(weights, weights_only=True)
    torch.save({name: tensor for name, tensor in state.items() if name.startswith("visual.")}, tmp_path / "half.pth")
    assert "text_projection is missing" in mistakes(*zero_shot(tmp_path / "half.pth"))


def test_without_the_extra_its_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_text, "find_spec", lambda name: None)
    assert "pip install 'emotionart[clip]'" in mistakes()
    with pytest.raises(UserError, match="open_clip is not installed"):
        ImageTextRepresentation("ViT-B-32", "random", "float32", "squash")


def test_weights_meet_the_activations_that_they_were_trained_with() -> None:
    assert trained_as("ViT-B-32", "openai") == "ViT-B-32-quickgelu"
    assert trained_as("ViT-B-32", "laion2b_s34b_b79k") == "ViT-B-32"
    assert trained_as("ViT-B-32", "weights.pth") == "ViT-B-32"
