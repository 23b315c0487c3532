"""Batch norm over several devices is torch's; on two, whole runs are compared (tests/run/devices)."""

from collections.abc import Iterator

import pytest
import torch
from timm.layers import BatchNormAct2d
from torch import nn

from emotionart.networks.distributed.batch_norm import SharedBatchNorm, share_statistics, unshare_statistics


@pytest.fixture
def one_process() -> Iterator[None]:
    torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


@pytest.mark.parametrize("settings", [{}, {"affine": False}, {"track_running_stats": False}, {"momentum": 0.3}])
@pytest.mark.parametrize(("kind", "shape"), [(nn.BatchNorm1d, (6, 3)), (nn.BatchNorm2d, (6, 3, 4, 5))])
def test_it_is_torchs(one_process: None, kind: type[nn.Module], shape: tuple[int, ...], settings: dict) -> None:
    theirs, ours = kind(3, **settings), nn.Sequential(kind(3, **settings))
    for layer in share_statistics(ours):
        layer.shared = True
    given = [(5 + 2 * torch.randn(shape, generator=torch.Generator().manual_seed(0))).requires_grad_() for _ in "ab"]
    weights = torch.linspace(-1, 1, given[0].numel()).reshape(shape)
    for layer, inputs in zip((theirs, ours), given, strict=True):
        (layer(inputs) * weights).sum().backward()
    torch.testing.assert_close(given[1].grad, given[0].grad)
    found = dict(ours[0].state_dict())
    assert found.keys() == theirs.state_dict().keys()
    for name, tensor in theirs.state_dict().items():
        torch.testing.assert_close(found[name], tensor)
    for name, weight in theirs.named_parameters():
        torch.testing.assert_close(ours[0].get_parameter(name).grad, weight.grad)
    torch.testing.assert_close(ours.eval()(given[0]), theirs.eval()(given[0]))


def test_layers_are_what_they_were_again_and_others_are_left_alone() -> None:
    network = nn.Sequential(nn.BatchNorm2d(2), BatchNormAct2d(2), nn.BatchNorm2d(2, momentum=None))
    before = [type(part) for part in network]
    had = share_statistics(network)
    assert [type(part) is SharedBatchNorm for part in network] == [True, False, False]
    inputs = torch.randn(4, 2, 3, 3)
    torch.testing.assert_close(network[0](inputs), nn.BatchNorm2d(2)(inputs))  # alone, without a group of processes
    unshare_statistics(had)
    assert [type(part) for part in network] == before
