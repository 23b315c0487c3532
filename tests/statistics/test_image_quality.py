import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from sklearn.metrics.pairwise import polynomial_kernel
from sklearn.neighbors import NearestNeighbors
from torchmetrics.image.kid import KernelInceptionDistance

from emotionart.statistics.image_quality import classification_report, distances, fid, kid, precision_recall, scale_of


def features(count: int, shift: float = 0.0, seed: int = 0) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(shift, 1, (count, 6)).astype(np.float32))


def test_kid_is_the_unbiased_kernel_distance() -> None:
    """A subset of all pictures leaves nothing to chance: Binkowski et al.'s formula with scikit-learn's kernel."""
    real, fake = features(60), features(60, 0.5, seed=1)
    pairs = ((real, real), (fake, fake), (real, fake))
    xx, yy, xy = (polynomial_kernel(a, b, degree=3, gamma=1 / 6, coef0=1) for a, b in pairs)
    n = len(real)
    expected = (xx.sum() - np.trace(xx) + yy.sum() - np.trace(yy)) / (n * (n - 1)) - 2 * xy.mean()
    assert kid(real, fake, 60)[0] == pytest.approx(expected, rel=1e-4)


def test_kid_is_torchmetrics_on_a_network_of_its_own() -> None:
    class Network(torch.nn.Module):
        num_features = 6

        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            return pictures.flatten(1)

    real, fake = features(80), features(90, 0.3, seed=1)
    metric = KernelInceptionDistance(Network(), subsets=100, subset_size=40)
    metric.update(real.view(-1, 1, 2, 3), real=True)
    metric.update(fake.view(-1, 1, 2, 3), real=False)
    torch.manual_seed(0)
    mean, deviation = metric.compute()
    assert kid(real, fake, 40) == (pytest.approx(float(mean)), pytest.approx(float(deviation)))


def test_fid_is_its_formula() -> None:
    real, fake = features(200), features(150, 0.4, seed=1)
    means = [part.double().mean(0).numpy() for part in (real, fake)]
    covariances = [np.cov(part.double().numpy().T) for part in (real, fake)]
    expected = ((means[0] - means[1]) ** 2).sum() + np.trace(
        covariances[0] + covariances[1] - 2 * sqrtm(covariances[0] @ covariances[1]).real
    )
    assert fid(real, fake) == pytest.approx(expected, rel=1e-6)


def test_precision_and_recall_are_those_of_scikit_learns_neighbours() -> None:
    real, fake = features(100), features(80, 1.0, seed=1)

    def covered(pictures: torch.Tensor, others: torch.Tensor) -> float:
        reach = NearestNeighbors(n_neighbors=4).fit(others.double()).kneighbors(others.double())[0][:, -1]
        distance = np.linalg.norm(pictures.double().numpy()[:, None] - others.double().numpy()[None], axis=2)
        return float((distance <= reach).any(axis=1).mean())

    assert precision_recall(real, fake) == (covered(fake, real), covered(real, fake))


def test_the_floor_is_lower_than_any_shift_and_falls_with_none() -> None:
    real, again, other = features(300), features(300, seed=1), features(300, 0.5, seed=2)
    floor, shifted = distances(real, again, 100), distances(real, other, 100)
    assert abs(floor["kid"]) < 0.1 * shifted["kid"]
    assert floor["fid"] < 0.5 * shifted["fid"]
    assert floor["precision"] > shifted["precision"]
    few = distances(real[:30], again[:30], 30)
    assert few["fid"] > floor["fid"]  # what FID owes to few pictures alone


def test_the_scale_of_features_drops_out() -> None:
    real, fake = features(60), features(60, 0.5, seed=1)
    results = [
        distances(factor * real / scale_of(factor * real), factor * fake / scale_of(factor * real), 30)
        for factor in (1.0, 100.0)
    ]
    assert results[0] == {name: pytest.approx(value, rel=1e-3) for name, value in results[1].items()}
    assert scale_of(100 * real) == pytest.approx(100 * scale_of(real))


def test_collapse_costs_recall_and_not_precision() -> None:
    real = features(300)
    fake = real[:1].repeat(200, 1) + 0.01 * features(200, seed=3)
    precision, recall = precision_recall(real, fake)
    assert precision > 0.9
    assert recall < 0.1


def test_the_judges_view_is_counted() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.6, 0.3, 0.1], [0.5, 0.25, 0.25]])
    found = classification_report(probabilities, ["a", "b", "c"], np.array([0, 0, 0, 1]))
    assert found["n"] == 4
    assert found["shares"] == {"a": 0.75, "b": 0.25, "c": 0.0}
    assert found["confidence"] == pytest.approx(0.65)
    entropy = -(probabilities * np.log(probabilities)).sum(1).mean()
    assert found["entropy"] == pytest.approx(entropy)
    assert found["hit"] == {"all": 0.5, "a": pytest.approx(2 / 3), "b": 0.0, "c": None}
