"""Generates pictures with the GAN of a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from emotionart.config.instantiate import instantiate
from emotionart.config.trust import read_config
from emotionart.data.tables.noun import Noun, noun_of
from emotionart.errors import UserError, suggest
from emotionart.figures.generated import as_pictures
from emotionart.gan.health.distances import thumbnails
from emotionart.gan.noise import Purpose, noise_generator
from emotionart.gan.step.latents import Latents, sample, slerp, truncated
from emotionart.run.folder import RunFolder
from emotionart.run.training.checkpoint import BEST, LAST, Checkpoint, read_checkpoint

_CANDIDATES = 256  # pictures, of which one is central

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class GANSampler:
    """A trained generator.

    Attributes:
        network: generator, in evaluation mode.
        latents: distribution of its input.
        classes: names of the K classes; empty for an unconditional generator.
        noun: what a class is.
    """

    network: nn.Module
    latents: Latents
    classes: tuple[str, ...]
    noun: Noun = "class"

    def draw(self, number: int, seed: int, class_name: str | None = None, psi: float = 1.0) -> Tensor:
        """The input of picture `number` of a seed, (1, D).

        Args:
            number: number of the picture, from 0.
            seed: seed of the noise and of the class, which is drawn with its frequency in training.
            class_name: a fixed class instead; see `require_class`.
            psi: how far the noise may be from its centre, above 0, at most 1 (any distance): see `truncate`.
        """
        latent = self.latents.draw(1, noise_generator(seed, number))
        noise = self.truncate(latent[:, : self.latents.size], psi)
        if class_name is not None:
            return self.latents.of_class(noise, torch.tensor([self.classes.index(class_name)]))
        return torch.cat([noise, latent[:, self.latents.size :]], 1)

    def require_class(self, class_name: str) -> None:
        """Checks that the generator has learnt a class.

        Raises:
            UserError: for an unknown class, one without training artworks, or an unconditional generator.
        """
        if not self.classes or self.latents.share is None:
            raise UserError(
                "This GAN is not conditional: it has no classes.",
                where=f"class {class_name}",
                fix="a run of model=acgan, or --judge RUN --keep K",
            )
        if class_name not in self.classes:
            raise UserError(
                f"There is no class {class_name!r}; there are {', '.join(self.classes)}.",
                where="class",
                suggestions=suggest(class_name, self.classes),
            )
        learnt = [name for name, share in zip(self.classes, self.latents.share.tolist(), strict=True) if share]
        if class_name not in learnt:
            raise UserError(
                f"No training artwork was of class {class_name!r}, so the generator has never made one.",
                where="class",
                fix=f"one of {', '.join(learnt)}",
            )

    def truncate(self, noise: Tensor, psi: float) -> Tensor:
        """Noise (1, size) nearer to its centre, where pictures are more alike.

        Where only the direction of noise matters, it is turned towards that of the central picture, to `psi` of the
        angle between them: noise of the length seen in training has no mean. Otherwise `psi` is the standard deviation:
        noise is truncated for a network with batch norm, and scaled for any other.
        """
        if psi == 1:
            return noise
        if self.centre is not None:
            centre = self.centre * noise.norm() / self.centre.norm()
            return slerp(centre, noise[0], psi).unsqueeze(0)
        if any(isinstance(part, _BatchNorm) for part in self.network.modules()):
            return truncated(noise, psi)
        return psi * noise

    @cached_property
    def centre(self) -> Tensor | None:
        """Noise (size,) of the central one of 256 pictures, with the least mean distance to the others at 16 x 16.

        None for a generator to which the length of its noise matters, too.
        """
        latents = self.latents.draw(_CANDIDATES, noise_generator(0, Purpose.CENTRE))
        size = self.latents.size
        shrunk = torch.cat([latents[:1, :size] / 2, latents[:1, size:]], 1)
        if not np.array_equal(self.pictures(latents[:1]), self.pictures(shrunk)):
            return None
        with torch.inference_mode():
            small = thumbnails(sample(self.network, latents))
        return latents[torch.cdist(small, small).sum(dim=1).argmin(), :size]

    def class_of(self, latent: Tensor) -> str:
        """The class in the input (1, D) of a picture; "" for an unconditional generator."""
        index = self.latents.classes(latent)
        return "" if index is None else self.classes[int(index)]

    def sample(self, count: int, seed: int, class_name: str | None = None) -> Iterator[tuple[Picture, str]]:
        """Pictures (s, s, 3) number 0 to `count` - 1, each with its target class ("" if unconditional).

        A picture depends on its number and the seed, not on the count.

        Raises:
            UserError: for a class that the generator does not have.
        """
        if class_name is not None:
            self.require_class(class_name)
        for number in range(count):
            latent = self.draw(number, seed, class_name)
            yield self.pictures(latent)[0], self.class_of(latent)

    @torch.inference_mode()
    def pictures(self, latents: Tensor) -> Picture:
        """Pictures (n, s, s, 3) uint8 from the generator's input (n, D)."""
        return as_pictures(sample(self.network, latents).numpy())


def read_gan(folder: Path) -> Checkpoint:
    """The best checkpoint of a GAN's run, if one was chosen, else the last one.

    Raises:
        UserError: if there is no checkpoint of a GAN.
    """
    checkpoints = RunFolder(folder).checkpoints
    file = next((checkpoints / name for name in (BEST, LAST) if (checkpoints / name).exists()), None)
    if file is None:
        what = "There is no checkpoint of a GAN in this folder: it is no run of one, or ended before its first report."
        raise UserError(what, where=str(folder), fix="a folder of a GAN's run that has reported at least once")
    checkpoint = read_checkpoint(file)
    if checkpoint.description.kind != "gan":
        raise UserError(
            "This run is a classifier, which generates no pictures.", where=str(folder), fix="a run of model=gan"
        )
    return checkpoint


def load_sampler(folder: Path, *, averaged: bool = True, trust: bool = False) -> GANSampler:
    """The generator of a run's best checkpoint, if one was chosen, else of its last one.

    Neither the discriminator nor its frozen network is loaded.

    The checkpoint is opened without running code from it, and only harmless classes that it names are created.

    Args:
        folder: run folder.
        averaged: whether to use the running average (EMA) of the weights, if there is one.
        trust: whether other classes that it names may be created too.

    Raises:
        UserError: if there is no checkpoint of a GAN, or it names other classes without `trust`.
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
    with torch.random.fork_rng():  # loading a run leaves the caller's random state alone
        conditioning = {"classes": len(description.classes)} if description.classes else {}
        network = instantiate(config.generator)(latent=config.model.latent, **conditioning)
    kept = "average." if averaged and config.model.ema_halflife else "generator."
    weights = {name.removeprefix(kept): value for name, value in checkpoint.weights.items() if name.startswith(kept)}
    network.load_state_dict(weights)
    counts = description.counts
    latents = Latents(config.model.latent, torch.tensor(counts) / sum(counts) if counts else None)
    return GANSampler(network.eval(), latents, description.classes, noun_of(description.config))
