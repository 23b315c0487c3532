import json
from pathlib import Path

import pytest
import timm
import torch
from huggingface_hub import constants
from safetensors.torch import save_file

from emotionart.errors import UserError
from emotionart.inputs.pretrained import load_pretrained, require_network
from emotionart.networks.backbone import Backbone
from emotionart.networks.pretrained.libraries import (
    create_network,
    has_network,
    input_format,
    resize_network,
    split_tag,
)
from emotionart.networks.pretrained.weights import weights_digest
from tests.conftest import ROOT
from tests.inputs.test_backbone import backbone

CLIP = "vit_base_patch32_clip_224"
SMALL = "levit_128s"


def test_a_tag_is_split_from_timms_names_only() -> None:
    assert split_tag(f"{CLIP}.openai", "timm") == (CLIP, "openai")
    assert split_tag(CLIP, "timm") == (CLIP, None)
    assert split_tag("hf_hub:timm/resnet18.a1_in1k", "timm") == ("hf_hub:timm/resnet18.a1_in1k", None)
    assert split_tag("resnet18.a1", "torchvision") == ("resnet18.a1", None)
    assert has_network(f"{CLIP}.openai", "timm")
    assert not has_network("vit_base_patch32_clip_223.openai", "timm")


def test_a_tag_brings_the_input_format_and_the_classifier_of_its_weights() -> None:
    with torch.device("meta"):
        clip, tuned = (create_network(f"{CLIP}.{tag}", "timm") for tag in ("openai", "laion2b_ft_in1k"))
    assert input_format(CLIP, "timm", clip).mean == pytest.approx((0.481, 0.458, 0.408), abs=1e-3)
    assert (clip.num_classes, tuned.num_classes) == (512, 1000)


@pytest.mark.parametrize(
    ("name", "weights", "message"),
    [
        (f"{CLIP}.openia", "auto", f"did you mean: {CLIP}.openai"),
        (f"{CLIP}.openai", "laion2b", "asks for the weights 'openai', and the weights are 'laion2b'"),
        (f"{CLIP}s.openai", "auto", f"did you mean: {CLIP}"),
    ],
)
def test_a_wrong_tag_and_one_that_contradicts_the_weights_are_refused(name: str, weights: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        require_network(name, "timm", weights, "model.backbone")
    assert message in str(caught.value)
    for fitting in ("auto", "imagenet", "openai", "random", "mine.pth", None):
        require_network(f"{CLIP}.openai", "timm", fitting, "model.backbone")


def test_the_networks_that_the_docs_name_exist_and_are_pooled_as_said() -> None:
    rows = [
        [cell.strip() for cell in line.strip("| ").split("|")]
        for line in (ROOT / "docs/transfer.md").read_text().splitlines()
        if line.startswith("|") and line.endswith(("| yes |", "| no |"))
    ]
    assert len(rows) == 8
    pools = {"token": "class token", "map": "attention pooling", "avg": "mean of patches"}
    for _, cell, _, pooled, *_ in rows:
        name = cell.split("`")[1]
        source = "torchvision" if name in ("squeezenet1_0", "vgg16") else "timm"
        require_network(name, source, "auto", "model.backbone")
        with torch.device("meta"):
            network = create_network(name, source)
            size = input_format(name, source, network).size
            shape = Backbone(network, source, (), "grid").output_shape(size)
        transformer = hasattr(network, "num_prefix_tokens")
        assert pooled == (pools[network.global_pool] if transformer else "grid"), name
        assert len(shape) == (1 if transformer else 3)


def test_a_tag_of_another_librarys_network_is_sent_to_timm() -> None:
    with pytest.raises(UserError) as caught:
        require_network(f"{CLIP}.openai", "torchvision", "auto", "model.backbone")
    assert caught.value.fix == "model.backbone.source=timm"


def no_network(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    def refuse(*given: object, **named: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr("socket.create_connection", refuse)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))


def in_the_cache(cache: Path, repository: str) -> Path:
    folder = cache / f"models--{repository.replace('/', '--')}"
    snapshot = folder / "snapshots/1"
    snapshot.mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "refs/main").write_text("1")
    return snapshot


def test_a_tags_weights_are_what_the_hub_stored_under_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_network(monkeypatch, tmp_path)
    wanted = {"name": f"{SMALL}.fb_dist_in1k", "source": "timm", "weights": "auto", "size": 224}
    with pytest.raises(UserError, match=r"weights of levit_128s cannot be had: huggingface\.co cannot be reached"):
        backbone(**wanted)
    torch.manual_seed(5)
    own = timm.create_model(SMALL)
    save_file(own.state_dict(), in_the_cache(tmp_path, f"timm/{SMALL}.fb_dist_in1k") / "model.safetensors")
    found = backbone(**wanted)
    assert (found.name, found.loaded) == (SMALL, "fb_dist_in1k")
    assert found.describe()["weights_digest"] == backbone(**{**wanted, "name": SMALL, "weights": "fb_dist_in1k"}).digest
    assert torch.equal(found._whole.state_dict()["stem.conv1.linear.weight"], own.stem.conv1.linear.weight)


def test_a_repository_of_the_hub_is_a_network_and_its_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_network(monkeypatch, tmp_path)
    name = "hf_hub:me/tiny"
    with pytest.raises(UserError, match=r"hf_hub:me/tiny cannot be had: huggingface\.co cannot be reached"):
        load_pretrained(name, "timm", "auto", "model.backbone")
    snapshot = in_the_cache(tmp_path, "me/tiny")
    given = {"depth": 2, "embed_dim": 48, "num_heads": 2}
    own = timm.create_model("vit_tiny_patch16_224", **given)
    save_file(own.state_dict(), snapshot / "model.safetensors")
    config = {"mean": [0.1] * 3, "std": [0.2] * 3, "input_size": [3, 224, 224], "num_classes": 1000}
    described = {"architecture": "vit_tiny_patch16_224", "model_args": given, "pretrained_cfg": config}
    (snapshot / "config.json").write_text(json.dumps(described))
    found = backbone(name=name, source="timm", weights="auto", size=96)
    assert (found.name, found.loaded, found.mean, found.shape) == (name, "hub", [0.1] * 3, (48,))
    assert torch.equal(found._whole.state_dict()["blocks.1.mlp.fc1.weight"], own.blocks[1].mlp.fc1.weight)
    assert found._whole.get_parameter("pos_embed").shape == (1, 1 + 36, 48)


@pytest.mark.parametrize(
    ("name", "source", "position", "tokens"),
    [("vit_tiny_patch16_224", "timm", "pos_embed", 37), ("vit_b_32", "torchvision", "encoder.pos_embedding", 10)],
)
def test_a_transformer_for_another_size_has_its_positions_resampled(
    name: str, source: str, position: str, tokens: int
) -> None:
    size = 96
    network = create_network(name, source)  # type: ignore[arg-type]
    resized = resize_network(network, name, source, size)  # type: ignore[arg-type]
    before, after = network.state_dict(), resized.state_dict()
    assert {key for key in before if not torch.equal(before[key], after[key])} == {position}
    assert after[position].shape[1] == tokens
    torch.testing.assert_close(before[position][:, 0], after[position][:, 0])  # the class token's
    assert resized(torch.zeros(1, 3, size, size)).shape == (1, 1000)


def test_a_network_for_all_sizes_keeps_its_weights() -> None:
    network = create_network("squeezenet1_0", "torchvision")
    assert weights_digest(resize_network(network, "squeezenet1_0", "torchvision", 96)) == weights_digest(network)
    torch.manual_seed(0)
    plain = weights_digest(create_network("resnet10t", "timm"))
    torch.manual_seed(0)
    assert weights_digest(create_network("resnet10t", "timm", 96)) == plain
