import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam
from torch import nn
from torchcam.methods import CAM

from emotionart.attribution.cam import class_activation_maps, pooled_head
from emotionart.attribution.maps import choose
from emotionart.attribution.network import PictureNetwork
from emotionart.errors import UserError
from tests.attribution.nets import pictures, shallow, transfer

NETWORKS = {"shallow": (shallow, 32), "transfer": (transfer, 64)}


def all_maps(network: PictureNetwork, batch: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    with torch.no_grad():
        grid = network.features(batch)
        head = pooled_head(network.head, tuple(grid.shape[1:]))
        assert head is not None
        return class_activation_maps(grid, head.weight), head.bias, network.head(grid)


def relative(found: torch.Tensor, expected: torch.Tensor) -> float:
    return float((found - expected).abs().max() / expected.abs().max())


@pytest.mark.parametrize("kind", NETWORKS)
def test_maps_are_captums_grad_cam_times_the_places_of_the_grid(kind: str) -> None:
    build, size = NETWORKS[kind]
    network, batch = build(), pictures(4, size)
    maps, _, _ = all_maps(network, batch)
    oracle = LayerGradCam(network, network.trunk)
    for target in range(5):
        expected = oracle.attribute(batch, target, relu_attributions=False)[:, 0] * maps[0, 0].numel()
        assert relative(maps[:, target], expected.detach()) < 1e-5


def test_maps_are_torchcams() -> None:
    network, batch = shallow(), pictures(4, 32)
    maps, _, _ = all_maps(network, batch)
    with CAM(network, network.trunk, fc_layer=network.head[1][1]) as oracle:
        network(batch)
        for target in range(5):
            (expected,) = oracle(target, normalized=False)
            assert relative(maps[:, target], expected) < 1e-5


@pytest.mark.parametrize("kind", NETWORKS)
def test_the_mean_of_a_map_plus_the_bias_is_the_logit(kind: str) -> None:
    build, size = NETWORKS[kind]
    maps, bias, logits = all_maps(build(), pictures(4, size))
    assert relative(maps.mean((2, 3)) + bias, logits) < 1e-5
    assert (maps < 0).any(), "maps are signed"


@pytest.mark.parametrize(
    "network", [shallow(pool=False), shallow(hidden=(4,)), transfer(pool=False)], ids=["flat", "hidden", "flat grid"]
)
def test_other_heads_have_no_class_activation_map(network: PictureNetwork) -> None:
    size = 64 if isinstance(network.trunk, nn.Sequential) and len(network.trunk) == 8 else 32
    shape = tuple(network.features(pictures(1, size)).shape[1:])
    assert pooled_head(network.head, shape) is None
    with pytest.raises(UserError, match="no class activation maps") as caught:
        choose(network, pictures(1, size), "cam", None)
    assert "model.network.pool=true" in str(caught.value)
    assert "model/head=linear model.backbone.layer=null model.backbone.pool=mean" in str(caught.value)


def test_the_weights_are_found_through_any_modules() -> None:
    linear = nn.Linear(7, 3)
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.BatchNorm1d(7), nn.Dropout(0.5), linear).eval()
    norm = head[2]
    norm.running_mean, norm.running_var = torch.rand(7), torch.rand(7) + 0.5
    found = pooled_head(head, (7, 4, 5))
    assert found is not None
    np.testing.assert_allclose(found.weight, (linear.weight / (norm.running_var + norm.eps).sqrt()).detach(), rtol=1e-5)
