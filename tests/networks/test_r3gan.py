import pytest
import torch
from torch import nn
from torch.nn import functional as F

from emotionart.networks.gan.r3gan import BiasedActivation, R3GANDiscriminator, R3GANGenerator, Resample, ResidualBlock


@pytest.mark.parametrize("size", [8, 16, 64])
def test_both_players_fit_pictures_of_any_side(size: int) -> None:
    pictures = R3GANGenerator(6, size, 2, 1, 2)(torch.randn(3, 6))
    assert pictures.shape == (3, 3, size, size)
    assert R3GANDiscriminator(size, 2, 1, 2)(pictures).shape == (3,)


def test_sides_and_groups_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="24 pixels cannot be reached"):
        R3GANGenerator(6, 24, 2, 1, 2)
    with pytest.raises(ValueError, match="groups of 3 channels do not divide 2 x 2 channels"):
        R3GANDiscriminator(16, 2, 1, 3)


def test_a_block_changes_nothing_at_first_and_can_learn() -> None:
    block, grid = ResidualBlock(4, 2, 9), torch.randn(2, 4, 8, 8)
    assert torch.equal(block(grid), grid)
    block(grid).square().mean().backward()
    assert block.layers[4].weight.grad.abs().sum() > 0
    assert block.layers[0].weight.grad.abs().sum() == 0, "as long as the last convolution is zero"


def test_weights_begin_with_the_scale_that_the_number_of_blocks_asks_for() -> None:
    torch.manual_seed(0)
    block = ResidualBlock(64, 16, 16)
    gain = (2 / 1.04) ** 0.5 / 16**0.25
    assert float(block.layers[0].weight.std()) == pytest.approx(gain / 64**0.5, rel=0.03)
    assert float(block.layers[2].weight.std()) == pytest.approx(gain / (9 * 16) ** 0.5, rel=0.03)


def test_there_is_no_normalisation_and_biases_stand_before_activations_alone() -> None:
    for network in (R3GANGenerator(6, 32, 4, 2, 4), R3GANDiscriminator(32, 4, 2, 4)):
        kinds = (nn.BatchNorm2d, nn.GroupNorm, nn.LayerNorm, nn.InstanceNorm2d)
        assert not any(isinstance(part, kinds) for part in network.modules())
        biased = [part for part in network.modules() if getattr(part, "bias", None) is not None]
        assert biased
        assert all(isinstance(part, BiasedActivation) for part in biased)
        assert sum(isinstance(part, ResidualBlock) for part in network.modules()) == 2 * 4


def test_mixed_precision_reaches_every_grid() -> None:
    network = R3GANDiscriminator(16, 2, 1, 2)
    precisions = []
    for part in network.modules():
        if isinstance(part, (BiasedActivation, ResidualBlock)):
            part.register_forward_hook(lambda part, entering, grid: precisions.append(grid.dtype))
    with torch.autocast("cpu", torch.bfloat16):
        network(torch.randn(2, 3, 16, 16))
    assert set(precisions) == {torch.bfloat16}


def test_resampling_is_the_filter_1_2_1() -> None:
    grid = torch.randn(1, 3, 8, 8)
    kernel = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16
    halved = F.conv2d(grid.transpose(0, 1), kernel[None, None], stride=2, padding=1).transpose(0, 1)
    torch.testing.assert_close(Resample(up=False)(grid), halved)
    doubled = Resample(up=True)(grid)
    torch.testing.assert_close(doubled[..., 0:15:2, 0:15:2], grid)
    torch.testing.assert_close(doubled[..., 0:14:2, 1:15:2], (grid[..., :-1] + grid[..., 1:])[..., :7, :] / 2)


def test_noise_scales_the_basis_channel_by_channel() -> None:
    network = R3GANGenerator(6, 8, 2, 1, 2, classes=2)
    assert network.basis.shape == (4, 4, 4)
    noise = torch.randn(2, 8)
    torch.testing.assert_close(network(3 * noise), 3 * network(noise), msg="linear, until blocks have learnt")


def test_the_gradient_of_a_penalty_reaches_every_weight_that_can_learn() -> None:
    network = R3GANDiscriminator(16, 2, 1, 2)
    for part in network.modules():
        if isinstance(part, ResidualBlock):
            nn.init.normal_(part.layers[4].weight)
    pictures = torch.randn(4, 3, 16, 16, requires_grad=True)
    (gradient,) = torch.autograd.grad(network(pictures).sum(), pictures, create_graph=True)
    gradient.square().sum((1, 2, 3)).mean().backward()
    weights = [weight for name, weight in network.named_parameters() if not name.endswith("bias")]
    assert all(weight.grad.abs().sum() > 0 for weight in weights)
