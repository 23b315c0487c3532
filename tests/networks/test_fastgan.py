import pytest
import torch

from emotionart.networks.gan.fastgan import FastGANGenerator


@pytest.mark.parametrize("size", [8, 16, 32, 64, 128])
@pytest.mark.parametrize("skip_excitation", [True, False])
def test_pictures_have_any_side_that_doubling_reaches(size: int, skip_excitation: bool) -> None:
    assert FastGANGenerator(7, size, 2, skip_excitation)(torch.randn(2, 7)).shape == (2, 3, size, size)
    with pytest.raises(ValueError, match="36 pixels cannot be reached"):
        FastGANGenerator(7, 36, 2, skip_excitation)


def test_the_weights_are_as_many_as_arithmetic_gives() -> None:
    network = FastGANGenerator(128, 64, 32, skip_excitation=True)
    start = 128 * 256 * 16
    blocks = 9 * (2 * 128 * 256 + 128 * 128 + 2 * 64 * 128 + 64 * 64)
    norms = 2 * (3 * 256 + 3 * 128 + 64)
    excitations = 16 * (128 * 64 + 128 * 32) + 64 * 64 + 32 * 32
    assert (
        sum(weight.numel() for weight in network.parameters()) == start + blocks + norms + excitations + 9 * 32 * 3 + 3
    )


def test_the_weights_of_a_smaller_generator_fit_a_larger_one() -> None:
    small, large = (
        {name: value.shape for name, value in FastGANGenerator(8, size, 4, True).state_dict().items()}
        for size in (64, 128)
    )
    assert small.items() <= large.items()
    assert all(name.startswith(("blocks.4.", "excitations.128.")) for name in large.keys() - small.keys())


def test_only_the_direction_of_noise_matters() -> None:
    network, noise = FastGANGenerator(16, 32, 2, True).eval(), torch.randn(3, 16)
    torch.testing.assert_close(network(noise), network(7 * noise))


@pytest.mark.parametrize("upsampling", ["nearest", "bilinear"])
def test_noise_starts_without_effect(upsampling: str) -> None:
    torch.manual_seed(0)
    plain = FastGANGenerator(8, 32, 2, True, upsampling)
    torch.manual_seed(0)
    noisy = FastGANGenerator(8, 32, 2, True, upsampling, noise=True)
    given = torch.randn(3, 8)
    for mode in (True, False):
        torch.testing.assert_close(noisy.train(mode)(given), plain.train(mode)(given))
    assert sorted(noisy.state_dict().keys() - plain.state_dict().keys()) == [
        f"noises.{n}.{name}" for n in range(3) for name in ("fixed", "weight")
    ]


def test_noise_is_new_in_training_and_fixed_in_evaluation() -> None:
    network, given = FastGANGenerator(8, 16, 2, True, noise=True), torch.randn(2, 8)
    network(given).square().mean().backward()
    for layer in network.noises:
        assert (layer.weight.grad != 0).all()
        torch.nn.init.ones_(layer.weight)
    assert torch.equal(network.eval()(given), network(given))
    torch.testing.assert_close(network(given)[:1], network(given[:1]))
    assert not torch.allclose(network.train()(given), network(given))


def test_bilinear_doubling_is_smooth_at_the_start() -> None:
    """The same weights give pictures whose neighbouring pixels differ less."""
    torch.manual_seed(0)
    nearest, bilinear = (FastGANGenerator(8, 64, 4, False, way) for way in ("nearest", "bilinear"))
    bilinear.load_state_dict(nearest.state_dict())
    given = torch.randn(8, 8)
    steps = [network(given).diff(dim=3).abs().mean() for network in (nearest, bilinear)]
    assert steps[1] < steps[0]


class Half(torch.nn.Module):
    def forward(self, grid: torch.Tensor) -> torch.Tensor:
        return torch.full((1, 1, 1, 1), 0.5)


def test_excitation_scales_fine_grids_by_coarse_ones() -> None:
    """Without it, a 32 pixel generator is the same network: its other weights fit."""
    full = FastGANGenerator(8, 32, 2, True).eval()
    plain = FastGANGenerator(8, 32, 2, False).eval()
    plain.load_state_dict({name: value for name, value in full.state_dict().items() if "excitations" not in name})
    noise = torch.randn(2, 8)
    assert not torch.allclose(full(noise), plain(noise))
    full.excitations["32"].layers = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), Half())
    bias = full.last.bias.view(3, 1, 1)
    torch.testing.assert_close(full(noise) - bias, (plain(noise) - bias) / 2)


def test_a_class_steers_batch_norm_and_starts_without_effect() -> None:
    network = FastGANGenerator(8, 16, 2, True, classes=3).eval()
    noise, classes = torch.randn(3, 8), torch.eye(3)
    same = network(torch.cat([noise[:1].expand(3, -1), classes], 1))
    torch.testing.assert_close(same[0], same[2])
    loss = network(torch.cat([noise, classes], 1)).square().mean()
    loss.backward()
    for block in (network.start, *(layer for blocks in network.blocks for layer in blocks)):
        gradient = block.norm.shift.weight.grad
        assert (gradient.abs().sum(0) > 0).all()
        torch.nn.init.normal_(block.norm.shift.weight)
    different = network(torch.cat([noise[:1].expand(3, -1), classes], 1))
    assert not torch.allclose(different[0], different[2])


def test_every_weight_gets_a_gradient() -> None:
    network = FastGANGenerator(8, 64, 2, True)
    network(torch.randn(4, 8)).square().mean().backward()
    assert all(weight.grad.abs().sum() > 0 for weight in network.parameters())
