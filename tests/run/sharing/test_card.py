import json
import shutil
from pathlib import Path

import yaml
from huggingface_hub import ModelCard

from emotionart.cli.main import main
from emotionart.files import read_yaml, write_text
from emotionart.run.folder import RunFolder
from emotionart.run.sharing.card import _weights, write_card

Run = tuple[Path, dict]


def test_a_run_leaves_a_card_that_the_hub_can_read(done_run: Run, tmp_path: Path) -> None:
    folder, result = done_run
    card = ModelCard.load(folder / "MODEL_CARD.md")
    assert card.data.pipeline_tag == "image-classification"
    measured = {one.metric_type: one.metric_value for one in card.data.eval_results}
    assert measured == {"accuracy": result["test"]["acc"]["value"], "f1": result["test"]["f1_macro"]["value"]}
    acc = result["test"]["acc"]
    assert f"| accuracy | {acc['value']:.3f} ({acc['low']:.3f} to {acc['high']:.3f}) |" in card.text
    for name, recall in result["test"]["recall"].items():
        (line,) = [line for line in card.text.splitlines() if line.startswith(f"| {name} |")]
        assert line.endswith(f"| {recall['support']} |")
    assert f"accuracy above {result['ceiling']['test']:.1%}" in card.text
    assert "Says which class of emotion a work of art evokes" in card.text
    assert "**Reading the feelings of whoever is shown in a picture.**" in card.text
    assert "All weights were trained in this run" in card.text
    assert str(folder) not in card.text
    assert "\n\n\n" not in card.text
    assert json.loads((folder / "run.json").read_text())["missing"] == []


def test_a_card_is_written_again_with_the_figures(done_run: Run, tmp_path: Path) -> None:
    shutil.copytree(done_run[0], tmp_path / "copy")
    card = tmp_path / "copy" / "MODEL_CARD.md"
    written = card.read_text()
    card.unlink()
    assert main(["figures", str(tmp_path / "copy")]) == 0
    assert card.read_text() == written


def test_a_card_speaks_of_emotions_only_where_the_labels_do(done_run: Run, tmp_path: Path) -> None:
    folder = RunFolder(Path(shutil.copytree(done_run[0], tmp_path / "copy")))
    config = read_yaml(folder.config, "labels")
    for noun in ({"noun": "class"}, {}):  # and a run of an earlier version
        labels = {key: value for key, value in config["labels"].items() if key != "noun"} | noun
        write_text(folder.config, yaml.safe_dump({**config, "labels": labels}))
        write_card(folder, [])
        card = ModelCard.load(folder.path / "MODEL_CARD.md")
        assert "Says which class a work of art belongs to: " in card.text
        assert "emotion" not in card.text.replace("emotionart", "").replace("labels=emotions", "")
        assert card.data.tags == ["art"]


def test_a_card_says_whose_the_weights_are() -> None:
    known = {"name": "resnet18", "source": "timm", "weights": "imagenet", "weights_digest": "12ab"}
    assert "apache-2.0" in _weights(known)
    assert "BSD 3-Clause" in _weights({**known, "source": "torchvision"})
    assert "`mine.safetensors` (digest `12ab`)" in _weights({**known, "weights": "mine.safetensors"})
    assert "RANDOM" in _weights({**known, "weights": "random"})
    authors = {"name": "vgg16", "source": "torchvision", "weights": "IMAGENET1K_FEATURES", "weights_digest": "34cd"}
    assert "are those that torchvision publishes" in _weights(authors)
    clip = _weights({**known, "name": "vit_base_patch32_clip_224", "weights": "openai"})
    assert "timm publishes as `openai`" in clip
    assert "ImageNet" not in clip
    assert "hf_hub:me/mine, whose licence" in _weights({**known, "name": "hf_hub:me/mine", "weights": "hub"})
    joined = _weights({"name": "resnet18 + vgg16", "weights": "imagenet + …", "backbones": [known, authors]})
    assert joined == f"{_weights(known)} {_weights(authors)}"
