import pytest
import torch

from emotionart.networks.normalise import NormalisePixels
from emotionart.networks.shallow import ShallowNet


def test_normalise_pixels_is_the_formula() -> None:
    pictures = torch.randint(0, 256, (2, 5, 7, 3), dtype=torch.uint8)
    mean, std = torch.tensor([0.1, 0.5, 0.9]), torch.tensor([0.2, 0.3, 0.4])
    expected = ((pictures.double() / 255 - mean) / std).permute(0, 3, 1, 2)
    found = NormalisePixels(mean.tolist(), std.tolist())(pictures)
    torch.testing.assert_close(found, expected.float(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("size", [4, 17, 64])
def test_shallow_net_maps_pictures_to_logits_at_any_size(size: int) -> None:
    network = ShallowNet((3, size, size), 5, channels=[4, 8], kernel_size=3, hidden=[6], dropout=0.1)
    assert network(torch.zeros(2, 3, size, size)).shape == (2, 5)


def test_shallow_net_has_the_parameters_that_arithmetic_gives() -> None:
    network = ShallowNet((3, 64, 64), 4, channels=[16, 32], kernel_size=5, hidden=[], dropout=0.0)
    convolutions = (3 * 25 + 1) * 16 + (16 * 25 + 1) * 32
    assert sum(weight.numel() for weight in network.parameters()) == convolutions + (32 * 16 * 16 + 1) * 4


def test_a_picture_too_small_for_the_pooling_is_refused() -> None:
    with pytest.raises(ValueError, match="3 x 3 pixels cannot be halved 2 times"):
        ShallowNet((3, 3, 3), 2, channels=[4, 8], kernel_size=3, hidden=[], dropout=0.0)


def test_pooling_averages_the_grid_over_space() -> None:
    network = ShallowNet((3, 16, 16), 5, channels=[4, 8], kernel_size=3, hidden=[], dropout=0.0, pool=True).eval()
    pictures = torch.rand(2, 3, 16, 16)
    assert sum(weight.numel() for weight in network.head.parameters()) == (8 + 1) * 5
    torch.testing.assert_close(network(pictures), network.head(network.trunk(pictures).mean((2, 3))))
