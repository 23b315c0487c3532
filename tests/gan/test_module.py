import math
import re
from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor, nn

from emotionart.errors import UserError
from emotionart.gan.health.observe import logits, training_sample
from emotionart.gan.module import GAN
from emotionart.gan.step.discriminator_input import DiscriminatorInput
from emotionart.gan.step.losses import LOSSES, gradient_penalty
from emotionart.gan.step.optimizers import GANOptimizers
from emotionart.gan.step.record import StepRecord
from emotionart.gan.step.schedule import CosineSchedule
from emotionart.networks.gan.discriminators import CnnDiscriminator
from emotionart.networks.gan.generators import ConvolutionalGenerator, FullyConnectedGenerator
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
        "cutout": 0.5,
        "ema_halflife": None,
        "ema_ramp": None,
        "schedule": None,
        "adaptive": False,
        "adapt_target": 0.6,
        "adapt_images": 400.0,
    }
    return GAN(**{**defaults, **settings})


@pytest.mark.parametrize("loss", LOSSES)
def test_the_players_minimise_the_formulas(loss: str) -> None:
    model, real, fake = gan(loss=loss), torch.randn(6, 3, 16, 16), torch.randn(6, 3, 16, 16)
    losses = LOSSES[loss]
    given = model.discriminator(real), model.discriminator(fake)
    torch.testing.assert_close(
        model.discriminator_loss(DiscriminatorInput(real, None), DiscriminatorInput(fake, None), 0, True),
        (losses.discriminator(*given), given[0]),
    )
    torch.manual_seed(0)
    found = model.generator_loss(DiscriminatorInput(real, None), 0)
    torch.manual_seed(0)
    expected = losses.generator(model.discriminator(model.generator(torch.randn(6, 5))), given[0])
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
        with pytest.raises(UserError, match="batch norm cannot have a gradient penalty"):
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
    found = logits(gan(Brightness()), DiscriminatorInput(pictures, None))
    torch.testing.assert_close(found, pictures.mean((1, 2, 3)))


class Places(nn.Module):
    def forward(self, pictures: Tensor) -> Tensor:
        return pictures.mean((2, 3))


def test_logits_of_places_are_averaged_and_so_is_their_penalty() -> None:
    model, pictures = gan(Places()), torch.randn(7, 3, 16, 16, requires_grad=True)
    torch.testing.assert_close(logits(model, DiscriminatorInput(pictures, None)), pictures.mean((1, 2, 3)))
    expected = gradient_penalty(Brightness()(pictures), pictures)
    torch.testing.assert_close(gradient_penalty(model.discriminator(pictures), pictures), expected)


def test_the_training_generator_is_seen_as_the_discriminator_sees_it_and_is_left_alone() -> None:
    """Normalised by the batch, not by running statistics, which do not move; and it is no average."""
    generator = partial(
        ConvolutionalGenerator, size=16, depth=2, width=2, kernel_size=3, norm="batch", upsampling="resize"
    )
    model, latents = gan(generator=generator, ema_halflife=10.0), torch.randn(20, 5)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    found = training_sample(model, latents)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    torch.testing.assert_close(found, model.generator.train()(latents))
    assert not torch.allclose(found, model.sample(latents))


def test_a_schedule_moves_rates_penalties_and_half_life_along_half_a_cosine() -> None:
    schedule = CosineSchedule(100, rate=[1.0, 0.5], penalty=[1.0, 0.0], beta2=[0.9, 0.99], halflife=[0.0, 1.0])
    assert schedule.between([1.0, 0.5], 0) == 1
    assert schedule.between([1.0, 0.5], 25) == pytest.approx(0.5 + 0.25 * (1 + 0.5**0.5))
    assert schedule.between([1.0, 0.5], 1_000) == 0.5
    model = gan(schedule=schedule, r1=1.0, penalty_every=1, ema_halflife=100.0)
    optimizers = model.configure_optimizers()
    for _ in range(2):  # from where it started, not from where it is
        schedule.steer(optimizers, 50)
        assert [group["lr"] for optimizer in optimizers for group in optimizer.param_groups] == [
            pytest.approx(0.75e-3), pytest.approx(0.75e-4),
        ]  # fmt: skip
        assert optimizers[0].param_groups[0]["betas"] == (0.9, pytest.approx(0.945))
    real, fake = (DiscriminatorInput(torch.randn(6, 3, 16, 16), None) for _ in range(2))
    first, half, last = (model.discriminator_loss(real, fake, images, penalised=True)[0] for images in (0, 50, 100))
    torch.testing.assert_close(half - last, (first - last) / 2)
    nn.init.constant_(next(model.generator.parameters()), 3.0)
    model._update_average(10, 0)  # a half-life of nothing: the generator itself
    for old, new in zip(model.average.parameters(), model.generator.parameters(), strict=True):
        assert torch.equal(old, new)


def test_early_the_half_life_is_a_part_of_the_images_seen() -> None:
    model = gan(ema_halflife=1_000.0, ema_ramp=0.05)
    with torch.no_grad():
        for weight in model.generator.parameters():
            weight.add_(1)
    before = [weight.clone() for weight in model.average.parameters()]
    model._update_average(10, 200)
    for old, weight, new in zip(before, model.average.parameters(), model.generator.parameters(), strict=True):
        torch.testing.assert_close(weight, (old + new) / 2)


def test_a_discriminator_that_takes_statistics_is_shown_real_pictures() -> None:
    class Calibrated(Brightness):
        def calibrate(self, pictures: Tensor) -> None:
            self.shown = pictures

    model, stored = gan(Calibrated()), torch.randint(0, 256, (4, 16, 16, 3), dtype=torch.uint8)
    model.calibrate(stored)
    assert torch.equal(model.discriminator.shown, model.pictures(stored))
    gan().calibrate(stored)


@pytest.mark.parametrize(("sign", "expected"), [(1.0, 0.3), (-1.0, 0.0)])
def test_the_probability_of_changes_follows_the_signs(sign: float, expected: float) -> None:
    """Each four steps of ten pictures move it by 4 * 10 / 400 towards more, or not below 0."""
    model = gan(adaptive=True, diffaugment=["colour"])
    assert float(model.adaptation[0]) == 0
    for _ in range(4 * 3 + 2):
        model._adapt(torch.full((10,), sign))
    assert float(model.adaptation[0]) == pytest.approx(expected)
    assert model.adaptation[2] == 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "There is no augmentation to adapt: model.diffaugment is empty."),
        ({"diffaugment": ["colour"], "loss": "relativistic"}, "means nothing with model.loss=relativistic."),
    ],
)
def test_what_cannot_adapt_is_refused(settings: dict, message: str) -> None:
    with pytest.raises(UserError, match=re.escape(message)):
        gan(adaptive=True, **settings)


def test_each_player_has_its_own_rate_and_parameters() -> None:
    model = gan()
    generator, discriminator = model.configure_optimizers()
    assert (generator.param_groups[0]["lr"], discriminator.param_groups[0]["lr"]) == (1e-3, 1e-4)
    assert {id(weight) for weight in generator.param_groups[0]["params"]} == {
        id(w) for w in model.generator.parameters()
    }


def test_a_record_holds_means_and_notices_what_is_no_number() -> None:
    record = StepRecord()
    assert record.means() == {}
    assert record.is_finite()
    assert math.isnan(record.generator_gradient())
    for loss in (1.0, 2.0):
        record.add("d", torch.tensor(loss), torch.tensor(10 * loss))
        record.add("g", torch.tensor(loss), torch.tensor(4.0))
    assert record.means() == {"d_loss": 1.5, "d_gradient": 15, "g_loss": 1.5, "g_gradient": 4}
    assert record.generator_gradient() == 4
    record.add("g", torch.tensor(torch.inf), torch.tensor(4.0))
    assert not record.is_finite()
