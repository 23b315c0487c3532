from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor, nn

from emotionart.gan.losses import LOSSES, gradient_penalty
from emotionart.gan.module import GAN, DiscriminatorInput, GANOptimizers
from emotionart.networks.discriminators import CnnDiscriminator
from emotionart.networks.generators import FullyConnectedGenerator
from emotionart.networks.normalise import NormalisePixels


def gan(discriminator: nn.Module | None = None, **settings: object) -> GAN:
    defaults = {
        "generator": partial(FullyConnectedGenerator, size=16, depth=2, width=1),
        "discriminator": discriminator or CnnDiscriminator(16, 2, 2, 3, spectral_norm=False),
        "input_transform": NormalisePixels([0.5] * 3, [0.5] * 3),
        "optimizer": GANOptimizers(1e-3, 1e-4, 1, 1, torch.optim.Adam),
        "counts": None,
        "condition": None,
        "latent": 5,
        "images": 100,
        "report_every": 50,
        "loss": "nonsaturating",
        "r1": 0.0,
        "r2": 0.0,
        "penalty_every": 4,
        "diffaugment": [],
        "ema_halflife": None,
        "adaptive": False,
        "adapt_target": 0.6,
        "adapt_images": 400.0,
    }
    return GAN(**{**defaults, **settings})


@pytest.mark.parametrize("loss", LOSSES)
def test_the_players_minimise_the_formulas(loss: str) -> None:
    model, real, fake = gan(loss=loss), torch.randn(6, 3, 16, 16), torch.randn(6, 3, 16, 16)
    losses = LOSSES[loss]
    logits = model.discriminator(real), model.discriminator(fake)
    torch.testing.assert_close(
        model.discriminator_loss(DiscriminatorInput(real, None), DiscriminatorInput(fake, None), 0, True),
        (losses.discriminator(*logits), logits[0]),
    )
    torch.manual_seed(0)
    found = model.generator_loss(DiscriminatorInput(real, None), 0)
    torch.manual_seed(0)
    expected = losses.generator(model.discriminator(model.generator(torch.randn(6, 5))), logits[0])
    torch.testing.assert_close(found, expected)


def test_penalties_are_lazy_and_weigh_as_much_as_if_they_were_not() -> None:
    model = gan(r1=0.5, r2=0.25)
    real, fake = torch.randn(6, 3, 16, 16), torch.randn(6, 3, 16, 16)
    plain, penalised = (
        model.discriminator_loss(
            DiscriminatorInput(real, None), DiscriminatorInput(fake, None), 0, penalised=penalised
        )[0]
        for penalised in (False, True)
    )

    def penalty(pictures: Tensor) -> Tensor:
        pictures = pictures.clone().requires_grad_()
        return gradient_penalty(model.discriminator(pictures), pictures)

    torch.testing.assert_close(penalised - plain, 4 * (0.5 * penalty(real) + 0.25 * penalty(fake)))
    assert not real.requires_grad


@pytest.mark.parametrize("norm", [nn.BatchNorm2d, nn.SyncBatchNorm])
def test_batch_norm_and_a_gradient_penalty_exclude_each_other(norm: Callable[[int], nn.Module]) -> None:
    discriminator = nn.Sequential(nn.Conv2d(3, 2, 3), norm(2), nn.Flatten(), nn.Linear(2 * 14 * 14, 1))
    assert gan(discriminator).discriminator is discriminator
    for setting in ("r1", "r2"):
        with pytest.raises(ValueError, match="batch norm cannot have a gradient penalty"):
            gan(discriminator, **{setting: 0.1})


def test_samples_do_not_depend_on_their_neighbours_and_leave_the_mode_alone() -> None:
    model = gan(ema_halflife=100.0).train()
    noise = torch.randn(70, 5)
    together = model.sample(noise)
    torch.testing.assert_close(together[65:67], model.sample(noise[65:67]))
    assert model.sampled.training
    assert model.sampled is model.average is not model.generator
    assert gan().sampled is not None
    assert gan().average is None


class Brightness(nn.Module):
    def forward(self, pictures: Tensor) -> Tensor:
        return pictures.mean((1, 2, 3))


def test_logits_are_the_discriminators() -> None:
    pictures = torch.randn(100, 3, 16, 16)
    torch.testing.assert_close(gan(Brightness()).logits(pictures), pictures.mean((1, 2, 3)))


@pytest.mark.parametrize(("sign", "expected"), [(1.0, 0.3), (-1.0, 0.0)])
def test_the_probability_of_changes_follows_the_signs(sign: float, expected: float) -> None:
    """Each four steps of ten pictures move it by 4 * 10 / 400 towards more, or not below 0."""
    model = gan(adaptive=True, diffaugment=["colour"])
    assert float(model.adaptation[0]) == 0
    for _ in range(4 * 3 + 2):
        model._adapt(torch.full((10,), sign))
    assert float(model.adaptation[0]) == pytest.approx(expected)
    assert model.adaptation[2] == 2


def test_without_changes_there_is_nothing_to_adapt() -> None:
    with pytest.raises(ValueError, match="needs changes to adapt"):
        gan(adaptive=True)


def test_each_player_has_its_own_rate_and_parameters() -> None:
    model = gan()
    generator, discriminator = model.configure_optimizers()
    assert (generator.param_groups[0]["lr"], discriminator.param_groups[0]["lr"]) == (1e-3, 1e-4)
    assert {id(weight) for weight in generator.param_groups[0]["params"]} == {
        id(w) for w in model.generator.parameters()
    }
