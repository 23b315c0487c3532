"""Layers by name, and passes repeated from them: against a hook that sets units to zero in a whole pass."""

import pytest
import timm
import torch
import torchvision
from torch import Tensor, nn

from emotionart.attribution.network import PictureNetwork
from emotionart.attribution.replay import Replay
from emotionart.attribution.unit_layer import unit_layer
from emotionart.errors import UserError
from emotionart.networks.backbone import Backbone, by_modules
from emotionart.networks.heads import FullyConnectedHead
from emotionart.networks.normalise import NormalisePixels
from tests.attribution.nets import MEAN, STD, pictures, shallow, transfer


def over(network: nn.Module, size: int, *layers: str) -> PictureNetwork:
    """A network with random weights under a head on the mean and deviation of its last grid, or of several layers."""
    source = "timm" if network.__module__.startswith("timm") else "torchvision"
    backbone = Backbone(network, source, layers, "mean+std").eval()  # type: ignore[arg-type]
    head = FullyConnectedHead(backbone.output_shape(size), 5, hidden=[8], dropout=0.0)
    trunk = by_modules(backbone, network, size)
    return PictureNetwork(NormalisePixels(MEAN, STD), trunk, head).eval()


def residual() -> nn.Module:
    return torchvision.models.ResNet(torchvision.models.resnet.BasicBlock, [2, 1, 1, 1])


def vision_transformer() -> nn.Module:
    return torchvision.models.VisionTransformer(
        image_size=32, patch_size=8, num_layers=2, num_heads=2, hidden_dim=16, mlp_dim=32
    )


def swin() -> nn.Module:
    return torchvision.models.SwinTransformer([2, 2], 8, [1, 1], [2, 2], [4, 4], num_classes=5)


def pyramid() -> PictureNetwork:
    return over(torchvision.models.squeezenet1_0(), 48, "features.5", "features.9")


@torch.no_grad()
def by_hand(network: PictureNetwork, layer: str, picture: Tensor, axis: int, unit: int) -> Tensor:
    """Logits of a whole pass in which a hook has set a unit to zero."""

    def zero(module: nn.Module, given: object, output: Tensor) -> Tensor:
        changed = output.clone()
        changed.select(axis, unit).zero_()
        return changed

    handle = network.get_submodule(layer).register_forward_hook(zero)
    logits: Tensor = network(picture)
    handle.remove()
    return logits


CASES = [
    ("shallow", lambda: shallow(), 32, ["trunk", "trunk.0", "trunk.3"]),
    ("residual", lambda: over(residual(), 64), 64,
     ["trunk.body", "layer1.1.conv1", "layer1.0.bn2", "layer2.0.downsample", "layer2.0.downsample.0", "layer2.0.bn2"]),
    ("pyramid", pyramid, 48, ["features.9", "features.7", "features.5.squeeze", "features.9.expand1x1", "features.2"]),
    ("nested", lambda: over(torchvision.models.squeezenet1_0(), 48, "features.5", "features.9", "features"), 48,
     ["features", "features.9", "features.10", "features.2"]),
    ("dense", lambda: over(torchvision.models.DenseNet(4, (2, 2), 8), 48), 48,
     ["denseblock1.denselayer1.conv2", "denseblock1.denselayer2", "transition1.pool"]),
    ("tokens", lambda: over(vision_transformer(), 32), 32, ["encoder_layer_0", "encoder_layer_0.mlp", "encoder.ln"]),
    ("windows", lambda: over(swin(), 32), 32, ["features.1.0", "features.1.0.mlp.0", "features.2", "features.3"]),
    ("timm", lambda: over(timm.create_model("vit_tiny_patch16_224", img_size=64, depth=2, num_classes=5), 64), 64,
     ["blocks.0", "blocks.1.mlp.fc1", "blocks.1.norm2"]),
]  # fmt: skip


@pytest.mark.parametrize(("make", "size", "layers"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_unit_is_taken_away_as_by_hand(make, size: int, layers: list[str]) -> None:  # type: ignore[no-untyped-def]
    torch.manual_seed(0)
    network, picture = make(), pictures(1, size)
    before = network(picture)
    for name in layers:
        layer = unit_layer(network, picture, name)
        assert layer.name.endswith(name)
        replay = Replay(layer, picture)
        torch.testing.assert_close(replay.logits, before)
        count = replay.grid.shape[1]
        units = torch.tensor([0, count // 2, count - 1])
        expected = torch.cat([by_hand(network, layer.name, picture, layer.axis, int(unit)) for unit in units])
        torch.testing.assert_close(replay.without(units), expected, rtol=1e-4, atol=1e-6)
        torch.testing.assert_close(layer.grid(picture), replay.grid)
    assert not any("forward" in vars(part) for part in network.modules())
    torch.testing.assert_close(network(picture), before)


def test_what_was_done_before_the_layer_is_not_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    network, picture = shallow(), pictures(1, 32)
    replay = Replay(unit_layer(network, picture, "trunk.3"), picture)
    forward, run = nn.Conv2d.forward, []

    def counted(part: nn.Conv2d, given: Tensor) -> Tensor:
        run.append(part)
        return forward(part, given)

    monkeypatch.setattr(nn.Conv2d, "forward", counted)
    replay.without(torch.arange(4))
    assert run == []
    network(picture)
    assert run == [network.get_submodule("trunk.0"), network.get_submodule("trunk.3")]


def test_by_default_it_is_the_last_grid() -> None:
    assert unit_layer(shallow(), pictures(1, 32), None).name == "trunk"
    assert unit_layer(transfer(), pictures(1, 64), None).name == "trunk"
    assert unit_layer(pyramid(), pictures(1, 48), None).name == "trunk.body.extract.network.features.9"
    tokens = unit_layer(over(vision_transformer(), 32), pictures(1, 32), None)
    assert tokens.axis == 2
    assert tokens.grid(pictures(2, 32)).shape == (2, 16, 4, 4)


def test_a_pyramid_runs_by_modules_as_it_was_traced() -> None:
    torch.manual_seed(0)
    network = torchvision.models.squeezenet1_0()
    backbone = Backbone(network, "torchvision", ("features.5", "features.9"), "mean").eval()
    copied, picture = by_modules(backbone, network, 48), pictures(2, 48)
    assert dict(copied.body.named_modules())["extract.network.features.9"] is not network.features[9]
    torch.testing.assert_close(copied(picture), backbone(picture))
    assert len(list(copied.parameters())) == len(list(backbone.parameters())), "weights of later layers are left out"
    with torch.no_grad():
        network.features[0].weight.zero_()  # a copy is left alone
    assert not torch.allclose(copied(picture), backbone(picture))


def test_a_wrong_layer_is_told_with_the_nearest_names() -> None:
    network, picture = shallow(), pictures(1, 32)
    for name, message in (
        ("trunk.9", "There is no layer 'trunk.9'.\n  where: --layer trunk.9\n  did you mean: trunk.5, trunk.4"),
        ("head.1", "The layer 'head.1' has an output of shape (1, 5), which has no positions"),
    ):
        with pytest.raises(UserError) as caught:
            unit_layer(network, picture, name)
        assert message in str(caught.value)
        assert "trunk" in str(caught.value)
    with pytest.raises(UserError, match="is used 2 times in one pass"):
        unit_layer(over(residual(), 32), picture, "layer1.1.relu")
    flat = PictureNetwork(NormalisePixels(MEAN, STD), nn.Flatten(), nn.Linear(3 * 32 * 32, 5)).eval()
    with pytest.raises(UserError, match="No layer of this network has positions"):
        unit_layer(flat, picture, None)
