import copy

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from emotionart.networks.gan.ema import ema_decay, update_average


def test_half_is_left_after_the_halflife() -> None:
    steps = 5_000 / 32
    assert ema_decay(32, 5_000) ** steps == pytest.approx(0.5)
    assert ema_decay(5_000, 5_000) == 0.5


def test_after_two_halflives_three_quarters_are_new() -> None:
    average, network = (nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)) for _ in range(2))
    for tensor in average.state_dict().values():
        tensor.zero_()
    for tensor in network.state_dict().values():
        tensor.fill_(8)
    for _ in range(20):
        update_average(average, network, ema_decay(100, 1_000))
    for name, tensor in average.state_dict().items():
        expected = 8.0 if name.endswith("num_batches_tracked") else 6.0
        torch.testing.assert_close(tensor.double(), torch.full_like(tensor.double(), expected), rtol=1e-5, atol=1e-5)


def test_the_average_of_a_network_with_spectral_norm_keeps_its_singular_values() -> None:
    """While the network's singular vectors turn, the average's largest singular value stays 1."""
    torch.manual_seed(0)
    network = spectral_norm(nn.Linear(8, 8, bias=False))
    average = copy.deepcopy(network)
    for step in range(60):
        with torch.no_grad():
            network.parametrizations.weight.original.copy_(torch.diag(1.0 + 3 * (torch.arange(8) == step // 10)))
            network.parametrizations.weight.original.add_(0.01 * torch.randn(8, 8))
        network.train()(torch.randn(1, 8))
        update_average(average, network, 0.9)
    vectors = average.eval().parametrizations.weight[0]
    assert float(vectors._u.norm()) == pytest.approx(1)
    assert float(vectors._v.norm()) == pytest.approx(1)
    assert float(torch.linalg.matrix_norm(average.weight.detach(), 2)) == pytest.approx(1, abs=0.1)
