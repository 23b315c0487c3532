"""A GAN's run, used to generate new pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from emotionart.config.instantiate import instantiate
from emotionart.config.trust import read_config
from emotionart.errors import UserError, suggest
from emotionart.figures.generated import as_pictures
from emotionart.gan.health.observe import seeded
from emotionart.gan.step.latents import Latents, sample, truncated
from emotionart.run.checkpoint import BEST, LAST, Checkpoint, read_checkpoint
from emotionart.run.folder import RunFolder

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class GANSampler:
    """A generator with the weights that its run has kept.

    Attributes:
        network: it itself, in evaluation mode.
        latents: what it is given.
        classes: names of the K classes that it can be asked for; none where it is told nothing.
    """

    network: nn.Module
    latents: Latents
    classes: tuple[str, ...]

    def draw(self, number: int, seed: int, wanted: str | None = None, psi: float = 1.0) -> Tensor:
        """What picture `number` of a seed is made of, (1, D).

        Args:
            number: from 0.
            seed: of the noise, and of the class, which is asked for as often as it occurs in training.
            wanted: the class to ask for instead; see `require_class`.
            psi: above 0, to 1: deviation of the noise, in parts of the usual. A network with batch norm is given noise
                whose extremes are cut off, another one all of it, shrunk.
        """
        given = self.latents.draw(1, seeded(seed, number))
        normalised = any(isinstance(part, _BatchNorm) for part in self.network.modules())
        noise = given[:, : self.latents.size]
        noise = truncated(noise, psi) if normalised else psi * noise
        if wanted is not None:
            return self.latents.of_class(noise, torch.tensor([self.classes.index(wanted)]))
        return torch.cat([noise, given[:, self.latents.size :]], 1)

    def require_class(self, wanted: str) -> None:
        """Checks that the generator can be asked for a class.

        Raises:
            UserError: for one that it does not know.
        """
        if not self.classes:
            raise UserError(
                "This GAN is not conditional: it has no classes.",
                where=f"class {wanted}",
                fix="a run of model=acgan, or --judge RUN --keep K",
            )
        if wanted not in self.classes:
            raise UserError(
                f"There is no class {wanted!r}; there are {', '.join(self.classes)}.",
                where="class",
                suggestions=suggest(wanted, self.classes),
            )

    def require_truncation(self) -> None:
        """Checks that pictures can be brought nearer to the mean.

        Raises:
            UserError: for a generator that looks at the direction of its noise alone.
        """
        given = self.latents.draw(1, seeded(0, 0))
        shrunk = torch.cat([given[:, : self.latents.size] / 2, given[:, self.latents.size :]], 1)
        if np.array_equal(self.pictures(given), self.pictures(shrunk)):
            raise UserError(
                "The noise of this generator lies on a sphere, where no point is nearer to the mean.",
                where="--psi",
                fix="without --psi, or --judge and --keep to choose among more pictures",
            )

    def class_of(self, given: Tensor) -> str:
        """The class that is asked for in the input (1, D) of a picture, "" where none can be."""
        told = self.latents.classes(given)
        return "" if told is None else self.classes[int(told)]

    def sample(self, count: int, seed: int, wanted: str | None = None) -> Iterator[tuple[Picture, str]]:
        """Pictures (s, s, 3) of the numbers from 0, each with the class that was asked for, "" where none can be.

        The number of a picture and the seed decide what it is, whatever the count.

        Raises:
            UserError: for a class that the generator does not know.
        """
        if wanted is not None:
            self.require_class(wanted)
        for number in range(count):
            given = self.draw(number, seed, wanted)
            yield self.pictures(given)[0], self.class_of(given)

    @torch.inference_mode()
    def pictures(self, latents: Tensor) -> Picture:
        """Pictures (n, s, s, 3) of a generator's input (n, D)."""
        return as_pictures(sample(self.network, latents).numpy())


def read_gan(folder: Path) -> Checkpoint:
    """The checkpoint of a GAN's best moment, where one was chosen, else of its last one.

    Raises:
        UserError: where there is no GAN's checkpoint.
    """
    checkpoints = RunFolder(folder).checkpoints
    file = next((checkpoints / name for name in (BEST, LAST) if (checkpoints / name).exists()), None)
    if file is None:
        raise UserError("There is no trained GAN in this folder.", where=str(folder), fix="a folder of a GAN's run")
    checkpoint = read_checkpoint(file)
    if checkpoint.description.kind != "gan":
        raise UserError(
            "This run is a classifier, which generates no pictures.", where=str(folder), fix="a run of model=gan"
        )
    return checkpoint


def load_sampler(folder: Path, *, averaged: bool = True, trust: bool = False) -> GANSampler:
    """The generator of a run's best moment, where one was chosen, else of its last one.

    Neither the discriminator nor the frozen network it may look through is needed.

    The checkpoint is opened without running code from it, and only harmless classes that it names are created.

    Args:
        folder: of the run.
        averaged: whether its running average is wanted, if it has one.
        trust: whether anything else that it names may be created too.

    Raises:
        UserError: where there is no GAN's checkpoint, or it names anything else.
    """
    checkpoint = read_gan(folder)
    description = checkpoint.description
    config = read_config(
        description.config,
        ("model", "generator"),
        folder=folder,
        sources=description.sources,
        trust=trust,
    )
    with torch.random.fork_rng():  # whoever loads a run keeps their own random numbers
        told = {"classes": len(description.classes)} if description.classes else {}
        network = instantiate(config.generator)(latent=config.model.latent, **told)
    kept = "average." if averaged and config.model.ema_halflife else "generator."
    weights = {name.removeprefix(kept): value for name, value in checkpoint.weights.items() if name.startswith(kept)}
    network.load_state_dict(weights)
    counts = description.counts
    latents = Latents(config.model.latent, torch.tensor(counts) / sum(counts) if counts else None)
    return GANSampler(network.eval(), latents, description.classes)
