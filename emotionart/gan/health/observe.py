"""Observes a GAN at a report: how both networks perform, and how its pictures compare with real ones."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from emotionart.gan.health.distances import mean_distance, nearest_distance, ratio, thumbnails
from emotionart.gan.health.monitor import Observation
from emotionart.gan.module import GAN
from emotionart.gan.noise import Purpose, noise_generator
from emotionart.gan.step.discriminator_input import DiscriminatorInput
from emotionart.gan.step.latents import BATCH
from emotionart.gan.step.losses import per_picture

_GENERATED = 256  # number of generated pictures
_BATCH = 256  # pictures per batch of thumbnails


class RealPictures(NamedTuple):
    """Real pictures of a split.

    Attributes:
        pixels: (n, s, s, 3) uint8.
        classes: (n,) int64; None for an unconditional GAN.
    """

    pixels: NDArray[np.uint8]
    classes: NDArray[np.int64] | None


class Appearance(NamedTuple):
    """Measurements of generated pictures, by the discriminator and against real ones: see `Observation`."""

    sign: float
    accuracy: float
    diversity: float
    nearness: float


@dataclass
class Observer:
    """Observes a GAN with the same noise each time.

    Attributes:
        real, heldout: pictures of the training split, and of a split that is never trained on.
        seed: seed of the noise.
    """

    real: RealPictures
    heldout: RealPictures
    seed: int

    def __post_init__(self) -> None:
        self._thumbnails: dict[str, Tensor] = {}

    def observe(self, gan: GAN) -> tuple[Observation, Appearance]:
        """The observation of the generator in training, and the measurements of the averaged generator."""
        if not self._thumbnails:
            self._thumbnails = {
                name: torch.cat([thumbnails(gan.pictures(part)).cpu() for part in torch.split(stored, _BATCH)])
                for name, stored in (
                    ("real", torch.from_numpy(self.real.pixels)),
                    ("heldout", torch.from_numpy(self.heldout.pixels)),
                )
            }
        latents = gan.latents.draw(_GENERATED, noise_generator(self.seed, Purpose.MONITOR))
        classes = gan.latents.classes(latents)
        fake, average = training_sample(gan, latents), gan.sample(latents)
        real_logits, heldout_logits = (self._logits(gan, pictures) for pictures in (self.real, self.heldout))
        fake_logits, average_logits = (
            logits(gan, DiscriminatorInput(pictures, classes)).cpu() for pictures in (fake, average)
        )
        # For a relativistic discriminator, only differences of logits are meaningful: zero is set halfway.
        zero = (real_logits.mean() + fake_logits.mean()) / 2 if gan.losses.paired else torch.zeros(())
        appearance = self._appearance(fake, real_logits - zero, fake_logits - zero)
        observation = Observation(
            sign_real=_sign(real_logits - zero),
            sign_heldout=_sign(heldout_logits - zero),
            sign_fake=appearance.sign,
            accuracy=appearance.accuracy,
            diversity=appearance.diversity,
            nearness=appearance.nearness,
            gradient=gan.record.generator_gradient(),
            finite=gan.record.is_finite() and bool(torch.isfinite(fake).all()),
        )
        return observation, self._appearance(average, real_logits - zero, average_logits - zero)

    def _logits(self, gan: GAN, real: RealPictures) -> Tensor:
        classes = None if real.classes is None else torch.from_numpy(real.classes[:_GENERATED])
        pictures = gan.pictures(torch.from_numpy(real.pixels[:_GENERATED]))
        return logits(gan, DiscriminatorInput(pictures, classes)).cpu()

    def _appearance(self, fake: Tensor, real_logits: Tensor, fake_logits: Tensor) -> Appearance:
        small = {**self._thumbnails, "fake": thumbnails(fake).cpu()}
        return Appearance(
            sign=_sign(fake_logits),
            accuracy=float(((real_logits > 0).float().mean() + (fake_logits < 0).float().mean()) / 2),
            diversity=ratio(mean_distance(small["fake"]), mean_distance(small["real"])),
            nearness=ratio(
                nearest_distance(small["fake"], small["real"]), nearest_distance(small["heldout"], small["real"])
            ),
        )


@torch.inference_mode()
def logits(gan: GAN, inputs: DiscriminatorInput) -> Tensor:
    """The discriminator's logit of each picture (n,), with its class and augmented as in training.

    The estimates of spectral norm do not change.
    """
    was_training = gan.discriminator.training
    gan.discriminator.eval()
    pictures = torch.split(inputs.pictures.to(gan.device), BATCH)
    classes = [None] * len(pictures) if inputs.classes is None else torch.split(inputs.classes, BATCH)
    parts = [DiscriminatorInput(*part) for part in zip(pictures, classes, strict=True)]
    outputs = [per_picture(gan.discriminate(part)[0]) for part in parts]
    gan.discriminator.train(was_training)
    return torch.cat(outputs).float()


@torch.no_grad()
def training_sample(gan: GAN, latents: Tensor) -> Tensor:
    """Pictures (n, 3, s, s) by the generator as in training: not averaged, with batch statistics."""
    generator = copy.deepcopy(gan.generator).train()  # a copy, whose running statistics may change
    return torch.cat([generator(part) for part in torch.split(latents.to(gan.device), BATCH)]).float()


def _sign(logits: Tensor) -> float:
    return float(logits.sign().mean())
