"""Whatever is asked of it, the caller's network stays as it was."""

import pytest
import torch
from torch import nn

from emotionart.attribution.activation_maximisation import class_model_visualisation
from emotionart.attribution.evaluation.faithfulness import removal_curves
from emotionart.attribution.evaluation.removal import blurring
from emotionart.attribution.evaluation.sanity_checks import randomised
from emotionart.attribution.maps import METHODS, choose, data_mean
from emotionart.attribution.network import PictureNetwork, undisturbed
from tests.attribution.nets import pictures, shallow


def state(network: nn.Module) -> tuple:
    return (
        [part.training for part in network.modules()],
        [weight.requires_grad for weight in network.parameters()],
        [None if weight.grad is None else weight.grad.clone() for weight in network.parameters()],
        [len(part._forward_hooks) + len(part._backward_hooks) for part in network.modules()],
        [tensor.clone() for tensor in network.state_dict().values()],
    )


def equal(one: tuple, other: tuple) -> bool:
    def same(a: object, b: object) -> bool:
        return torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b  # type: ignore[arg-type]

    return all(same(a, b) for left, right in zip(one, other, strict=True) for a, b in zip(left, right, strict=True))


@pytest.fixture
def trained() -> PictureNetwork:
    """In training mode but for one part, with gradients and a frozen weight."""
    network = shallow(size=16).train()
    network.trunk[0].eval()
    network(pictures(2, 16)).sum().backward()
    network.trunk[0].bias.requires_grad_(False)
    return network


@pytest.mark.parametrize("method", METHODS)
def test_mode_gradients_and_hooks_are_left_as_they_were(trained: PictureNetwork, method: str) -> None:
    before, batch = state(trained), pictures(2, 16)
    targets = torch.tensor([[0, 1], [2, 3]])
    first = None
    for _ in range(100):
        maps = choose(trained, batch[:1], method, None).maps(batch, targets)  # type: ignore[arg-type]
        first = maps if first is None else first
        assert torch.equal(maps, first)
        assert not maps.requires_grad
    assert equal(state(trained), before)


def test_it_is_left_as_it_was_by_an_error(trained: PictureNetwork) -> None:
    before = state(trained)
    with pytest.raises(RuntimeError, match="stop"), undisturbed(trained):
        assert not any(part.training for part in trained.modules())
        raise RuntimeError("stop")
    with pytest.raises(IndexError):
        choose(trained, pictures(1, 16), "gradcam", None).maps(pictures(1, 16), torch.zeros(1))
    assert equal(state(trained), before)


def test_reliability_and_class_pictures_leave_it_as_it_was_too(trained: PictureNetwork) -> None:
    before, batch = state(trained), pictures(2, 16)
    for _ in range(3):
        removal_curves(trained, batch, torch.rand(2, 4, 4), torch.tensor([0, 1]), blurring(batch), steps=2)
        class_model_visualisation(trained, torch.arange(5), data_mean(trained), 16, steps=2)
        for _name, network in randomised(trained, seed=0):
            choose(network, batch[:1], "cam", None).maps(batch, torch.tensor([[0], [1]]))  # type: ignore[arg-type]
    assert equal(state(trained), before)
