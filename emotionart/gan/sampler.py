"""A GAN's run, used to generate new pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from emotionart.config.trust import read_config
from emotionart.errors import UserError, suggest
from emotionart.figures.generated import as_pictures
from emotionart.gan.build import build_gan
from emotionart.gan.callbacks import seeded
from emotionart.gan.module import GAN
from emotionart.run.checkpoint import LAST, read_checkpoint
from emotionart.run.data import build_representation
from emotionart.run.folder import RunFolder

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class GANSampler:
    """A generator with the weights of its run's last checkpoint.

    Attributes:
        gan: that it belongs to.
        classes: names of the K classes that it can be asked for; none where it is told nothing.
    """

    gan: GAN
    classes: tuple[str, ...]

    def sample(self, count: int, seed: int, wanted: str | None = None) -> Iterator[tuple[Picture, str]]:
        """New pictures (s, s, 3), each with the class that was asked for, "" where none can be.

        The number of a picture and the seed decide what it is, whatever the count.

        Args:
            count: how many.
            seed: of the noise, and of the classes, which are asked for as often as they occur in training.
            wanted: the class to ask for instead.

        Raises:
            UserError: for a class that the generator does not know.
        """
        if wanted is not None and wanted not in self.classes:
            if not self.classes:
                raise UserError("This GAN is told no classes.", where=f"class {wanted}", fix="a run of model=acgan")
            raise UserError(
                f"There is no class {wanted!r}, but {', '.join(self.classes)}.",
                where="class",
                suggestions=suggest(wanted, self.classes),
            )
        for number in range(count):
            given = self.gan.draw(1, seeded(seed, number))
            if wanted is not None:
                given[0, self.gan.latent :] = torch.eye(len(self.classes))[self.classes.index(wanted)]
            told = self.classes[int(given[0, self.gan.latent :].argmax())] if self.classes else ""
            yield as_pictures(self.gan.sample(given).numpy())[0], told


def load_sampler(folder: Path, trust: bool = False) -> GANSampler:
    """The generator that a run has trained so far; its running average, if it has one.

    The checkpoint is opened without running code from it, and only harmless classes that it names are created.

    Args:
        folder: of the run.
        trust: whether anything else that it names may be created too.

    Raises:
        UserError: where there is no GAN's checkpoint, or it names anything else.
    """
    file = RunFolder(folder).checkpoints / LAST
    if not file.exists():
        raise UserError("There is no trained GAN in this folder.", where=str(file), fix="a folder of a GAN's run")
    checkpoint = read_checkpoint(file)
    description = checkpoint.description
    if description.kind != "gan":
        raise UserError(
            "This is the run of a classifier, which paints nothing.", where=str(folder), fix="a run of model=gan"
        )
    config = read_config(
        description.config,
        ("seed", "model", "generator", "discriminator"),
        folder=folder,
        sources=description.sources,
        trust=trust,
    )
    with torch.random.fork_rng():  # whoever loads a run keeps their own random numbers
        gan = build_gan(config, build_representation(config).input_transform(), description.counts or None)
    gan.load_state_dict(checkpoint.weights)
    return GANSampler(gan.eval(), description.classes)
