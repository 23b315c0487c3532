from typing import get_args

import numpy as np
import pytest
import torch

from emotionart.networks.pooling import MomentsOverSpace, Pool, pooling


def test_moments_are_numpys_mean_and_deviation() -> None:
    grid = torch.randn(3, 4, 5, 6)
    places = grid.numpy().reshape(3, 4, -1)
    expected = np.concatenate([places.mean(2), places.std(2)], axis=1)
    np.testing.assert_allclose(MomentsOverSpace()(grid).numpy(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("pool", get_args(Pool))
def test_a_vector_has_no_places_to_pool(pool: Pool) -> None:
    vector = torch.randn(2, 7)
    assert torch.equal(pooling(pool)(vector), vector)


def test_a_channel_that_is_the_same_everywhere_has_a_gradient() -> None:
    grid = torch.zeros(1, 1, 4, 4, requires_grad=True)
    MomentsOverSpace()(grid).sum().backward()
    assert grid.grad is not None and grid.grad.isfinite().all()
