"""Oracle: timm's own groups for layer-wise rates, and the names of a network's blocks."""

import pytest
import torch
from timm.optim import param_groups_layer_decay

from emotionart.networks.depth import weights_by_layer
from emotionart.networks.pretrained.libraries import Source, create_network


def names_by_layer(name: str, source: Source) -> list[list[str]]:
    with torch.device("meta"):
        network = create_network(name, source)
    name_of = {id(weight): key for key, weight in network.named_parameters()}
    layers = [[name_of[id(weight)] for weight in layer] for layer in weights_by_layer(network)]
    assert sorted(key for layer in layers for key in layer) == sorted(name_of.values()), "each weight once"
    return layers


@pytest.mark.parametrize("name", ["test_vit", "resnet10t", "convnext_atto", "tf_efficientnet_lite0"])
def test_timms_networks_have_the_rates_that_timm_gives_them(name: str) -> None:
    layers = names_by_layer(name, "timm")
    with torch.device("meta"):
        network = create_network(name, "timm")
    name_of = {id(weight): key for key, weight in network.named_parameters()}
    scale = {
        name_of[id(weight)]: group["lr_scale"]
        for group in param_groups_layer_decay(network, layer_decay=0.5)
        for weight in group["params"]
    }
    last = len(layers) - 1
    found = {key: 0.5 ** (last - depth) for depth, layer in enumerate(layers) for key in layer}
    assert found == pytest.approx(scale)


@pytest.mark.parametrize(
    ("name", "first", "blocks"),
    [
        ("resnet18", {"conv1.weight", "bn1.weight", "bn1.bias"},
         [f"layer{n}.{k}" for n in (1, 2, 3, 4) for k in (0, 1)]),
        ("squeezenet1_0", {"features.0.weight", "features.0.bias"},
         [f"features.{n}" for n in (3, 4, 5, 7, 8, 9, 10, 12)]),
        ("vgg11", {"features.0.weight", "features.0.bias"}, [f"features.{n}" for n in (3, 6, 8, 11, 13, 16, 18)]),
        (
            "vit_b_16",
            {"class_token", "conv_proj.weight", "conv_proj.bias", "encoder.pos_embedding"},
            [f"encoder.layers.encoder_layer_{n}" for n in range(12)],
        ),
        ("mobilenet_v3_small", {"features.0.0.weight", "features.0.1.weight", "features.0.1.bias"},
         [f"features.{n}" for n in range(1, 12)]),
    ],
)  # fmt: skip
def test_a_layer_of_torchvisions_networks_is_a_block(name: str, first: set[str], blocks: list[str]) -> None:
    before, *layers = names_by_layer(name, "torchvision")
    assert set(before) == first
    for block, layer in zip(blocks, layers, strict=False):
        assert all(key.startswith(f"{block}.") for key in layer if "encoder.ln" not in key)
