import pytest
import torch

from emotionart.gan.step.latents import slerp


def test_noise_on_a_circle_keeps_its_length_and_goes_through_its_share_of_the_angle() -> None:
    start, end = torch.tensor([2.0, 0, 0]), torch.tensor([0.0, 2, 0])
    shares = torch.tensor([0.0, 1 / 3, 1]).unsqueeze(1)
    path = slerp(start, end, shares)
    assert path.norm(dim=1).tolist() == pytest.approx([2, 2, 2])
    assert path[1].tolist() == pytest.approx([3**0.5, 1, 0])


@pytest.mark.parametrize("factor", [1.0, -1.0])
@pytest.mark.parametrize("share", [0.5, torch.tensor([[0.0], [0.5]])])
def test_equal_and_opposite_noise_gives_the_start(factor: float, share: float | torch.Tensor) -> None:
    start = torch.randn(256, generator=torch.Generator().manual_seed(0))
    assert (slerp(start, factor * start, share) == start).all()
