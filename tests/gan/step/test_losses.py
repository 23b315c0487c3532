import numpy as np
import pytest
import torch
from torch import Tensor

from emotionart.gan.step.losses import LOSSES, Name, gradient_penalty


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


DIRECT = {
    "nonsaturating": (
        lambda real, fake: -np.log(sigmoid(real)).mean() - np.log(1 - sigmoid(fake)).mean(),
        lambda fake, real: -np.log(sigmoid(fake)).mean(),
    ),
    "hinge": (
        lambda real, fake: np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean(),
        lambda fake, real: -fake.mean(),
    ),
    "relativistic": (
        lambda real, fake: -np.log(sigmoid(real - fake)).mean(),
        lambda fake, real: -np.log(sigmoid(fake - real)).mean(),
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_its_formula_in_double_precision(name: Name) -> None:
    generator = np.random.default_rng(0)
    real, fake = generator.normal(0, 3, (2, 40))
    discriminator, player = DIRECT[name]
    first, second = torch.from_numpy(real).float(), torch.from_numpy(fake).float()
    assert float(LOSSES[name].discriminator(first, second)) == pytest.approx(discriminator(real, fake), rel=1e-6)
    assert float(LOSSES[name].generator(second, first)) == pytest.approx(player(fake, real), rel=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_of_extreme_logits_is_finite_and_has_a_gradient(name: Name) -> None:
    real, fake = torch.tensor([-1e4, 1e4, 500.0]), torch.tensor([-1e4, 1e4, 500.0], requires_grad=True)
    for loss in (LOSSES[name].discriminator(real, fake), LOSSES[name].generator(fake, real)):
        assert torch.isfinite(loss)
        assert torch.isfinite(torch.autograd.grad(loss, fake)[0]).all()


def test_only_the_relativistic_generator_looks_at_real_logits() -> None:
    for losses in LOSSES.values():
        real = torch.zeros(4, requires_grad=True)
        loss = losses.generator(torch.zeros(4, requires_grad=True), real)
        (gradient,) = torch.autograd.grad(loss, real, allow_unused=True)
        assert (gradient is not None) == losses.paired


def test_the_penalty_of_a_quadratic_is_known() -> None:
    """d(x) = x'Ax/2 + b'x has the gradient Ax + b for a symmetric A."""
    torch.manual_seed(0)
    matrix, offset = torch.randn(12, 12, dtype=torch.float64), torch.randn(12, dtype=torch.float64)
    matrix = (matrix + matrix.T).requires_grad_()
    pictures = torch.randn(5, 3, 2, 2, dtype=torch.float64, requires_grad=True)

    def logits(pictures: Tensor) -> Tensor:
        flat = pictures.flatten(1)
        return ((flat @ matrix) * flat).sum(1) / 2 + flat @ offset

    penalty = gradient_penalty(logits(pictures), pictures)
    flat = pictures.flatten(1)
    expected = (flat @ matrix + offset).square().sum(1).mean() / 2
    torch.testing.assert_close(penalty, expected)
    # It can be minimised: its own gradient with respect to the parameters is right.
    (found,) = torch.autograd.grad(penalty, matrix)
    (wanted,) = torch.autograd.grad(expected, matrix)
    torch.testing.assert_close(found + found.T, wanted + wanted.T)
