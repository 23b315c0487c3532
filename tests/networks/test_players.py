"""Generators and discriminators."""

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from emotionart.networks.gan.discriminators import CnnDiscriminator, FullyConnectedDiscriminator
from emotionart.networks.gan.generators import ConvolutionalGenerator, FullyConnectedGenerator


@pytest.mark.parametrize("size", [16, 32, 64, 128, 256])
@pytest.mark.parametrize("upsampling", ["deconv", "resize"])
def test_a_convolutional_generator_gives_pictures_of_any_side(size: int, upsampling: str) -> None:
    network = ConvolutionalGenerator(7, size, 3, 2, 4, "batch", upsampling)
    found = network(torch.randn(2, 7))
    assert found.shape == (2, 3, size, size)
    assert found.abs().max() <= 1


@pytest.mark.parametrize("kernel_size", [2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("upsampling", ["deconv", "resize"])
def test_filters_of_any_size_double_the_grid(kernel_size: int, upsampling: str) -> None:
    network = ConvolutionalGenerator(5, 16, 2, 2, kernel_size, "none", upsampling)
    assert network(torch.randn(2, 5)).shape == (2, 3, 16, 16)


def test_a_generator_has_the_parameters_that_arithmetic_gives() -> None:
    network = ConvolutionalGenerator(100, 32, 3, 16, 4, "batch", "deconv")
    linear = 101 * 64 * 16
    convolutions = (64 * 32 + 32 * 16 + 16 * 3) * 16 + 32 + 16 + 3
    norms = 2 * (64 + 32 + 16)
    assert sum(weight.numel() for weight in network.parameters()) == linear + convolutions + norms


def test_the_resize_convolution_leaves_no_checkerboard() -> None:
    """With constant filters, a constant grid stays constant inside; a transposed convolution of size 3 does not."""

    def inside(upsampling: str) -> torch.Tensor:
        network = ConvolutionalGenerator(1, 32, 2, 2, 3, "none", upsampling)
        for weight in network.parameters():
            nn.init.constant_(weight, 0.05)
        return network(torch.ones(1, 1))[0, 0, 8:-8, 8:-8]

    assert inside("resize").std() < 1e-6
    assert inside("deconv").std() > 1e-4


def test_depth_makes_a_generator_deeper_until_nothing_is_left_to_double() -> None:
    assert ConvolutionalGenerator(4, 32, 4, 2, 4, "none", "deconv")(torch.randn(1, 4)).shape == (1, 3, 32, 32)
    with pytest.raises(ValueError, match="32 pixels cannot be reached by doubling a grid of 2 x 2 or more 5 times"):
        ConvolutionalGenerator(4, 32, 5, 2, 4, "none", "deconv")


@pytest.mark.parametrize("depth", [1, 3, 5])
def test_fully_connected_players_have_as_many_layers_as_asked(depth: int) -> None:
    generator = FullyConnectedGenerator(6, 16, depth, 1)
    discriminator = FullyConnectedDiscriminator(16, depth, 1, spectral_norm=False)
    pictures = generator(torch.randn(3, 6))
    assert pictures.shape == (3, 3, 16, 16)
    assert discriminator(pictures).shape == (3,)
    for network in (generator, discriminator):
        assert sum(isinstance(layer, nn.Linear) for layer in network.modules()) == depth


def test_a_cnn_discriminator_halves_the_grid_with_each_convolution() -> None:
    network = CnnDiscriminator(32, 3, 4, 5, spectral_norm=False)
    assert network(torch.zeros(2, 3, 32, 32)).shape == (2,)
    assert network.head.in_features == 16 * 4 * 4
    with pytest.raises(ValueError, match="16 pixels cannot be halved 5 times"):
        CnnDiscriminator(16, 5, 4, 5, spectral_norm=False)


def test_spectral_norm_is_torchs_own_on_every_layer() -> None:
    torch.manual_seed(0)
    ours = CnnDiscriminator(16, 2, 4, 3, spectral_norm=True)
    torch.manual_seed(0)
    theirs = CnnDiscriminator(16, 2, 4, 3, spectral_norm=False)
    for layer in (theirs.trunk[0], theirs.trunk[3], theirs.head):
        spectral_norm(layer)
    theirs.load_state_dict(ours.state_dict())
    pictures = torch.randn(4, 3, 16, 16)
    for _ in range(50):
        assert torch.equal(ours(pictures), theirs(pictures))
    for layer in (ours.trunk[0], ours.trunk[3], ours.head):
        largest = torch.linalg.matrix_norm(layer.weight.flatten(1), 2)
        torch.testing.assert_close(largest, torch.tensor(1.0), rtol=0.02, atol=0)
