import pytest
import torch
from timm.layers.drop import DropPath
from torch import nn
from torchvision.ops import StochasticDepth

from emotionart.data.share import BatchShare
from emotionart.networks.distributed.noise import NormalNoise, SharedNoise, share_noise, unshare_noise
from emotionart.networks.gan.fastgan import GridNoise


@pytest.mark.parametrize(
    "layer",
    [
        *(nn.Dropout(0.5), nn.Dropout(0.5, inplace=True), nn.Dropout2d(0.5)),
        *(StochasticDepth(0.5, "row"), DropPath(0.5), NormalNoise()),
    ],
    ids=repr,
)
@pytest.mark.parametrize("each", [1, 3])
def test_the_devices_rows_get_the_noise_of_the_whole_batch(layer: nn.Module, each: int) -> None:
    whole = torch.rand(7 * each, 4, 5, 5)
    torch.manual_seed(0)
    expected = layer(whole.clone()).reshape(7, each, 4, 5, 5)
    shared = SharedNoise(layer)
    for rank in range(2):
        shared.count, shared.rows = 7, torch.from_numpy(BatchShare(rank, 2).rows(7))
        mine = whole.reshape(7, each, 4, 5, 5)[shared.rows].flatten(0, 1)
        torch.manual_seed(0)
        torch.testing.assert_close(shared(mine), expected[shared.rows].flatten(0, 1))


def test_noise_that_is_added_to_grids_is_that_of_the_whole_batch() -> None:
    layer, grid = GridNoise(3, 4), torch.rand(6, 3, 4, 4)
    nn.init.ones_(layer.weight)
    torch.manual_seed(0)
    expected = layer(grid)
    (shared,) = share_noise(layer).values()
    for rank in range(2):
        shared.count, shared.rows = 6, torch.from_numpy(BatchShare(rank, 2).rows(6))
        torch.manual_seed(0)
        torch.testing.assert_close(layer(grid[rank::2]), expected[rank::2])


def test_between_steps_a_device_draws_for_itself() -> None:
    layer, inputs = nn.Dropout(0.5), torch.rand(5, 4)
    torch.manual_seed(0)
    expected = layer(inputs)
    torch.manual_seed(0)
    assert torch.equal(SharedNoise(layer)(inputs), expected)


def test_a_network_is_left_as_it_was() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Dropout(0.5)))
    inner = network[1]
    dropout = inner[0]
    shared = share_noise(network)
    assert list(shared) == ["1.0"]
    assert inner[0] is shared["1.0"]
    network.eval()
    inputs = torch.rand(3, 2)
    assert torch.equal(network(inputs), network[0](inputs))
    unshare_noise(network, shared)
    assert network[1][0] is dropout
