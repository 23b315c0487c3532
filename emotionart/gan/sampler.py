"""A GAN's run, used to generate new pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from emotionart.config.instantiate import instantiate
from emotionart.config.trust import read_config
from emotionart.errors import UserError, suggest
from emotionart.figures.generated import as_pictures
from emotionart.gan.latents import Latents
from emotionart.gan.module import sample
from emotionart.gan.observe import seeded
from emotionart.run.checkpoint import BEST, LAST, read_checkpoint
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
            given = self.latents.draw(1, seeded(seed, number))
            if wanted is not None:
                asked = torch.tensor([self.classes.index(wanted)])
                given = self.latents.of_class(given[:, : self.latents.size], asked)
            told = self.latents.classes(given)
            yield self.pictures(given)[0], "" if told is None else self.classes[int(told)]

    @torch.inference_mode()
    def pictures(self, latents: Tensor) -> Picture:
        """Pictures (n, s, s, 3) of a generator's input (n, D)."""
        return as_pictures(sample(self.network, latents).numpy())


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
    checkpoints = RunFolder(folder).checkpoints
    file = next((checkpoints / name for name in (BEST, LAST) if (checkpoints / name).exists()), None)
    if file is None:
        raise UserError("There is no trained GAN in this folder.", where=str(folder), fix="a folder of a GAN's run")
    checkpoint = read_checkpoint(file)
    description = checkpoint.description
    if description.kind != "gan":
        raise UserError(
            "This is the run of a classifier, which paints nothing.", where=str(folder), fix="a run of model=gan"
        )
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
