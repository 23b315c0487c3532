"""Networks that are trained along with their head."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import torchvision
from huggingface_hub import constants
from safetensors.torch import save_file
from torch.nn.modules.module import register_module_forward_pre_hook

import emotionart
from emotionart.errors import UserError
from emotionart.networks.backbone import Backbone
from emotionart.networks.heads import Standardise
from emotionart.networks.pretrained.libraries import create_network
from tests.inputs.test_backbone import backbone
from tests.integration.test_transfer import LAST_GRID, assert_predicts_what_it_predicted
from tests.networks.pretrained.test_libraries import in_the_cache

Run = Callable[..., tuple[Path, dict]]


def test_a_fine_tuned_run_needs_no_weights_but_its_own(tiny_transfer: Run, tmp_path: Path) -> None:
    weights = tmp_path / "weights.pth"
    torch.save(torchvision.models.squeezenet1_0().state_dict(), weights)
    frozen, _ = tiny_transfer(f"model.backbone.weights={weights}", name="frozen")
    tuned, result = tiny_transfer(f"model.backbone.weights={weights}", "model.freeze=none", name="tuned")
    weights.unlink()
    assert_predicts_what_it_predicted(tuned, result)
    with pytest.raises(UserError, match="no such file of weights"):
        emotionart.load_run(frozen)


@pytest.mark.parametrize(("freeze", "frozen"), [("none", 0), ("until:features.12", 11)])
def test_a_backbone_can_be_trained_along(tiny_transfer: Run, freeze: str, frozen: int) -> None:
    modes = set()

    def note_mode(part: torch.nn.Module, inputs: object) -> None:
        if isinstance(part, Backbone) and torch.is_grad_enabled():
            modes.update(inner.training for inner in part.modules())

    with register_module_forward_pre_hook(note_mode):
        folder, result = tiny_transfer(*LAST_GRID, f"model.freeze={freeze}", "trainer.max_epochs=1", "augment=random")
    assert modes == {False}, "it is trained in evaluation mode"
    total = sum(weight.numel() for weight in torchvision.models.squeezenet1_0().features.parameters())
    head = (512 + 1) * 256 + (256 + 1) * 4
    parameters = result["parameters"]
    assert parameters["trainable"] + parameters["frozen"] == total + head
    assert (parameters["frozen"] == 0) == (frozen == 0)
    assert set(result["baselines"]) == {"majority"}
    state = torch.load(folder / "checkpoints/last.ckpt", weights_only=True)["state_dict"]
    start = backbone().network.state_dict()
    changed = [name for name, tensor in start.items() if not torch.equal(tensor, state[f"input.network.{name}"])]
    assert all(int(name.split(".")[1]) >= (12 if frozen else 0) for name in changed)
    assert len(changed) >= 6


def test_a_layer_that_cannot_be_frozen_until_is_told(tiny_transfer: Run) -> None:
    with pytest.raises(UserError, match=r"until 'features\.99': the network has no layer 'features\.99'"):
        tiny_transfer("model.freeze=until:features.99")
    with pytest.raises(UserError, match=r"Nothing would be trained: the features are those of features\.5\."):
        tiny_transfer("model.backbone.layer=features.5", "model.freeze=until:features.7", name="later")


def test_fine_tuning_starts_from_the_linear_probe(tiny_transfer: Run, tmp_path: Path) -> None:
    probe, _ = tiny_transfer("model/head=linear", name="probe")
    start = f"model.start={probe}"
    _, tuned = tiny_transfer("model/head=linear", "model.freeze=none", "optimizer.lr=0", start, name="tuned")
    found = [
        pd.read_csv(folder / "predictions.csv").filter(regex=r"^p\(").to_numpy()
        for folder in (probe, tmp_path / "tuned")
    ]
    np.testing.assert_allclose(found[1], found[0], atol=2e-4)
    assert tuned["representation"]["kind"] == "trained backbone"
    with pytest.raises(UserError, match="does not fit this model"):
        tiny_transfer("model/head=arch1", "model.freeze=none", start, name="other")
    with pytest.raises(UserError, match=r"does not fit this model: scale: 255\.0 → 1\.0"):
        tiny_transfer("model/head=linear", "model.freeze=none", start, "model.backbone.scale=1", name="scaled")
    with pytest.raises(UserError, match="no trained classifier"):
        tiny_transfer("model/head=linear", f"model.start={tmp_path}", name="none")


def test_the_backbone_learns_at_a_lower_rate_and_its_layers_are_heard_alike(tiny_transfer: Run) -> None:
    settings = ["model.freeze=until:features.7", "trainer.max_epochs=1", "model.first_rate=0.01"]
    folder, result = tiny_transfer(*settings)
    checkpoint = torch.load(folder / "checkpoints/last.ckpt", weights_only=True)
    (optimizer,) = checkpoint["optimizer_states"]
    assert [group["lr"] for group in optimizer["param_groups"]] == pytest.approx([3e-4, 3e-6])
    own = backbone(layer="pyramid", pool=result["representation"]["pool"])
    images = pd.read_csv(folder / "split.csv").query("part == 'train'")["image"]
    features = own.encode([Path(image).read_bytes() for image in images])
    expected = Standardise(features.mean(0), features.std(0, correction=0)).state_dict()
    found = {name: checkpoint["state_dict"][f"input.standardise.{name}"] for name in expected}
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "tag", "freeze"),
    [("tf_efficientnet_b0", "ap_in1k", "until:bn2"), ("vit_tiny_patch16_224", "augreg_in21k", "until:blocks.11")],
)
def test_a_fine_tuned_run_keeps_the_format_and_shape_of_the_weights_it_started_from(
    tiny_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, tag: str, freeze: str
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    file = in_the_cache(tmp_path, f"timm/{name}.{tag}") / "model.safetensors"
    save_file(create_network(f"{name}.{tag}", "timm").state_dict(), file)
    given = [f"model.backbone.name={name}", f"model.backbone.weights={tag}", "model.backbone.source=timm"]
    tuned = [f"model.freeze={freeze}", "model.backbone.size=32", *LAST_GRID, "trainer.max_epochs=1"]
    folder, result = tiny_run("model=transfer", *given, *tuned, pixels=False)
    file.unlink()
    assert result["representation"]["mean"] == [0.5] * 3
    assert_predicts_what_it_predicted(folder, result)


def test_earlier_layers_learn_at_lower_rates(tiny_run: Run) -> None:
    name = ["model.backbone.name=test_vit", "model.backbone.source=timm", "model.backbone.weights=random"]
    rates = ["model.freeze=until:blocks.4", "model.layer_decay=0.5", "trainer.max_epochs=1"]
    folder, _ = tiny_run("model=transfer", *name, "model.backbone.size=32", *rates, pixels=False)
    (optimizer,) = torch.load(folder / "checkpoints/last.ckpt", weights_only=True)["optimizer_states"]
    found = [group["lr"] for group in optimizer["param_groups"]]
    assert found == pytest.approx([3e-4, 3e-5, 1.5e-5])
