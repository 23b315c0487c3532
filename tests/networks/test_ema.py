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


def test_an_averaged_layer_with_spectral_norm_has_the_norm_1_while_singular_vectors_turn() -> None:
    torch.manual_seed(0)
    network, average = (spectral_norm(nn.Conv2d(4, 6, 3, bias=False)) for _ in range(2))
    average.eval()
    first, second = torch.randn(2, 6, 36)
    for step in range(300):
        angle = torch.tensor(step / 40)
        weight = first * angle.cos() + second * angle.sin()
        network.parametrizations.weight.original.data.copy_(weight.view(6, 4, 3, 3))
        assert network.weight.isfinite().all()  # a step of power iteration, as in training
        update_average(average, network, decay=0.98)
    assert not average.parametrizations.weight.training
    assert torch.linalg.matrix_norm(average.weight.flatten(1), 2).item() == pytest.approx(1, rel=0.05)
