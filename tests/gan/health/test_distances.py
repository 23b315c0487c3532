import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist, pdist

from emotionart.gan.health.distances import mean_distance, nearest_distance, thumbnails


def test_distances_are_scipys() -> None:
    vectors, others = np.random.default_rng(0).normal(size=(2, 40, 12))
    first, second = torch.from_numpy(vectors), torch.from_numpy(others)
    assert mean_distance(first) == pytest.approx(pdist(vectors).mean())
    assert nearest_distance(first, second) == pytest.approx(np.median(np.sort(cdist(vectors, others).min(1))[:20][-1]))


def test_thumbnails_are_averages_at_any_side() -> None:
    pictures = torch.rand(2, 3, 64, 64)
    expected = pictures.reshape(2, 3, 16, 4, 16, 4).mean((3, 5)).flatten(1)
    torch.testing.assert_close(thumbnails(pictures), expected)
