import copy
from functools import partial

import pytest
import timm
import torch
import torchvision
from torch import nn
from torch.nn import functional as F

from emotionart.networks.gan.projected import ProjectedDiscriminator
from emotionart.networks.gan.pyramid import FeaturePyramid, Origin, freeze
from emotionart.networks.layers import find_layers


class Stages(nn.Module):
    """A network whose grids are known: each stage averages over squares, and repeats the channels."""

    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.ModuleList(nn.Sequential(nn.AvgPool2d(4 if n == 0 else 2)) for n in range(4))
        self.norm = nn.BatchNorm2d(3)
        self.scale = nn.Parameter(torch.tensor(2.0))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        for stage in self.stages:
            pictures = self.scale * stage(pictures)
        return self.norm(pictures)


def pyramid(channels: tuple[int, ...] = (4, 4, 8, 8), size: int = 96) -> FeaturePyramid:
    return FeaturePyramid(Stages(), Origin("stages", "random", "a"), None, size, [0.5] * 3, [0.5] * 3, channels)


def discriminator(size: int = 32, pixels: bool = True) -> ProjectedDiscriminator:
    torch.manual_seed(0)
    return ProjectedDiscriminator(size, lambda channels: pyramid(channels), [4, 4, 8, 8], 5, pixels)


@pytest.mark.parametrize(
    ("network", "layers"),
    [
        (partial(timm.create_model, "resnet10t"), ["layer1", "layer2", "layer3", "layer4"]),
        (partial(torchvision.models.resnet18), ["layer1", "layer2", "layer3", "layer4"]),
        (partial(torchvision.models.squeezenet1_0), ["features.5", "features.10", "features"]),
        (partial(torchvision.models.mobilenet_v3_small), ["features.1", "features.3", "features.8", "features"]),
    ],
)
def test_the_last_stage_at_each_stride_is_found(network: partial, layers: list[str]) -> None:
    assert find_layers(network(), 96) == layers


def test_a_network_without_grids_is_refused() -> None:
    with pytest.raises(ValueError, match="no grids of the strides 4 to 32; name layers"):
        find_layers(nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 4)), 32)
    with pytest.raises(ValueError, match="the network has no layer 'stage', but stages"):
        FeaturePyramid(
            Stages(), Origin("stages", "random", "a"), ["stages.0", "stage"], 32, [0.5] * 3, [0.5] * 3, [4, 4]
        )


def test_grids_are_mixed_from_coarse_to_fine_as_the_formula_says() -> None:
    found, pictures = pyramid(), torch.rand(2, 3, 96, 96) * 2 - 1
    assert found.layers == ("stages.0", "stages.1", "stages.2", "stages.3")
    assert found.sides == (24, 12, 6, 3)
    expected: list[torch.Tensor] = []
    for n in reversed(range(4)):
        grid = F.avg_pool2d(pictures, 4 * 2**n) * 2**n  # with mean and deviation .5 the network sees what is given
        mixed = torch.einsum("oi,bihw->bohw", found.over_channels[n].weight[:, :, 0, 0], grid)
        if expected:
            coarse = F.conv2d(expected[0], found.over_scales[n].weight, padding=1)
            mixed = mixed + F.interpolate(coarse, scale_factor=2, mode="bilinear")
        expected.insert(0, mixed)
    for grid, wanted in zip(found(pictures), expected, strict=True):
        torch.testing.assert_close(grid, wanted)


def test_the_frozen_part_is_not_trained_not_saved_and_in_evaluation_mode() -> None:
    network = discriminator().train()
    assert not any(part.training for part in network.pyramid.modules())
    assert not any(name.startswith("pyramid") for name, _ in network.named_parameters())
    assert {name for name in network.state_dict() if "pyramid" in name} == {"pyramid.deviation", "pyramid._extra_state"}
    before = {name: buffer.clone() for name, buffer in network.pyramid.named_buffers()}
    optimizer = torch.optim.SGD(network.parameters(), 1.0)
    network(torch.rand(4, 3, 32, 32)).mean().backward()
    optimizer.step()
    assert all(torch.equal(before[name], buffer) for name, buffer in network.pyramid.named_buffers())


def test_another_network_is_refused() -> None:
    network = discriminator()
    saved = network.state_dict()
    copy.deepcopy(network).load_state_dict(saved)
    changed = ProjectedDiscriminator(
        32,
        lambda channels: FeaturePyramid(
            Stages(), Origin("stages", "random", "b"), None, 96, [0.5] * 3, [0.5] * 3, channels
        ),
        [4, 4, 8, 8],
        5,
        True,
    )
    with pytest.raises(ValueError, match="the frozen network is not the one"):
        changed.load_state_dict(saved)


def test_gradients_flow_through_the_frozen_part_to_the_pictures() -> None:
    network = discriminator(pixels=False).requires_grad_(False)
    pictures = torch.rand(2, 3, 32, 32, requires_grad=True)
    network(pictures).mean().backward()
    assert pictures.grad is not None
    assert (pictures.grad.abs().sum((1, 2, 3)) > 0).all()


@pytest.mark.parametrize(("size", "places"), [(16, 1), (32, 4), (64, 9), (128, 9)])
def test_every_head_answers_for_places(size: int, places: int) -> None:
    network, pictures = discriminator(size), torch.rand(2, 3, size, size)
    assert network.features(pictures).shape == (2, 4 * 9 + places, 5)
    assert network(pictures).shape == (2, 4 * 9 + places)


def test_spectral_norm_bounds_every_trained_layer() -> None:
    network = discriminator().train()
    for _ in range(100):
        network(torch.rand(2, 3, 32, 32))
    layers = (*network.heads.modules(), *network.pixels.modules(), network.head)
    weights = [layer.weight for layer in layers if isinstance(layer, nn.Conv2d | nn.Linear)]
    assert len(weights) == 4 + (2 + 1 + 0 + 0) + 5 + 1
    for weight in weights:
        largest = torch.linalg.matrix_norm(weight.flatten(1), 2)
        torch.testing.assert_close(largest, torch.tensor(1.0), rtol=0.05, atol=0)


def test_calibration_gives_every_grid_a_deviation_of_one() -> None:
    network, pictures = discriminator(), torch.rand(8, 3, 32, 32) * 2 - 1
    network.calibrate(pictures)
    for grid in network.pyramid(pictures):
        torch.testing.assert_close(grid.std(), torch.tensor(1.0))


def test_frozen_weights_are_buffers_and_the_network_computes_as_before() -> None:
    network, pictures = torchvision.models.resnet18().eval(), torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        before = network(pictures)
        assert torch.equal(freeze(network)(pictures), before)
    assert not list(network.parameters())
    assert not network.state_dict()
