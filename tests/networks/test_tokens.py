"""Oracle: timm's own intermediate features and its own average over patches."""

from typing import Any

import pytest
import timm
import torch
import torchvision
from torch import nn

from emotionart.networks.backbone import Backbone
from emotionart.networks.pooling import Pool
from emotionart.networks.pretrained.libraries import Source
from emotionart.networks.tokens import as_grid

SIZE = 64


def tiny(name: str, **given: Any) -> Any:
    torch.manual_seed(0)
    return timm.create_model(name, img_size=SIZE, **given).eval()


def features(network: nn.Module, layer: str, pool: Pool, source: Source = "timm") -> torch.Tensor:
    with torch.inference_mode():
        found: torch.Tensor = Backbone(network, source, [layer], pool).eval()(pictures())
    return found


def pictures() -> torch.Tensor:
    return torch.rand(2, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("vit_tiny_patch16_224", {"depth": 2}),
        ("vit_small_patch16_dinov3", {"depth": 2}),  # a class token and four registers
        ("vit_base_patch16_radio_v3", {"depth": 2, "embed_dim": 192, "num_heads": 3}),  # eight special tokens
        ("deit_tiny_distilled_patch16_224", {"depth": 2}),
        ("vit_base_patch16_siglip_224", {"depth": 2, "embed_dim": 192, "num_heads": 3}),
        ("xcit_nano_12_p16_224", {"depth": 2}),  # which adds its class token after these blocks
    ],
)
def test_tokens_are_pooled_over_patches_as_timms_intermediate_grids_are(name: str, given: dict[str, Any]) -> None:
    network = tiny(name, **given)
    with torch.inference_mode():
        (grid,) = network.forward_intermediates(pictures(), indices=[1], intermediates_only=True)
    assert grid.shape[2:] == (4, 4)
    torch.testing.assert_close(features(network, "blocks.1", "grid"), grid)
    torch.testing.assert_close(features(network, "blocks.1", "mean"), grid.mean((2, 3)))
    moments = torch.cat([grid.mean((2, 3)), grid.std((2, 3), correction=0)], 1)
    torch.testing.assert_close(features(network, "blocks.1", "mean+std"), moments)


def test_the_mean_is_what_timm_pools_by_average() -> None:
    network = tiny("vit_tiny_patch16_224", depth=2)
    with torch.inference_mode():
        expected = network.pool(network.forward_features(pictures()), pool_type="avg")
    torch.testing.assert_close(features(network, "norm", "mean"), expected)


def test_a_torchvision_transformers_class_token_is_left_out() -> None:
    torch.manual_seed(0)
    network = torchvision.models.VisionTransformer(SIZE, 16, 2, 2, hidden_dim=32, mlp_dim=64).eval()
    caught: list[torch.Tensor] = []
    network.encoder.layers[1].register_forward_hook(lambda layer, given, output: caught.append(output))
    with torch.inference_mode():
        network(pictures())
    layer = "encoder.layers.encoder_layer_1"
    torch.testing.assert_close(features(network, layer, "mean", "torchvision"), caught[0][:, 1:].mean(1))


def test_channels_that_come_last_come_first() -> None:
    network = timm.create_model("swin_tiny_patch4_window7_224", depths=(1, 1, 1, 1), embed_dim=24, img_size=SIZE).eval()
    with torch.inference_mode():
        (grid,) = network.forward_intermediates(pictures(), indices=[1], intermediates_only=True)
    torch.testing.assert_close(features(network, "layers.1", "grid"), grid)


def test_tokens_and_channels_last_become_grids() -> None:
    tokens = torch.arange(2 * 17 * 3).reshape(2, 17, 3)
    assert torch.equal(as_grid(tokens)[1, :, 1, 2], tokens[1, 1 + 4 + 2])
    last = torch.arange(2 * 4 * 4 * 3).reshape(2, 4, 4, 3)
    assert torch.equal(as_grid(last)[1, :, 1, 2], last[1, 1, 2])


def test_what_is_no_grid_is_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(2, 47, 5\) is neither a grid"):
        as_grid(torch.zeros(2, 47, 5))
    with pytest.raises(ValueError, match="neither a grid"):
        as_grid(torch.zeros(2))
    network = tiny("vit_tiny_patch16_224", depth=2)
    with pytest.raises(ValueError, match=r"layer 'cls_token' has no features|the network has no layer 'cls_token'"):
        features(network, "cls_token", "mean")
