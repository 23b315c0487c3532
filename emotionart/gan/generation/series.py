"""Numbered pictures from one generator, with their inputs and a classifier's predictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from emotionart.classifier.predictor import Predictor
from emotionart.data.pictures.encode import png_files
from emotionart.errors import UserError, suggest
from emotionart.gan.generation.sampler import GANSampler
from emotionart.gan.step.latents import interpolate
from emotionart.progress import progress_bar

_FRAMES = 12  # frames between two pictures of the interpolation


@dataclass(frozen=True)
class Series:
    """A series of n generated pictures.

    Attributes:
        number: (n,) number of each picture, which together with the seed determines it.
        latents: (n, D) generator inputs.
        pictures: (n, s, s, 3) uint8.
        classes: target class of each, "" if unconditional.
        files: PNG file contents of each, with its origin as metadata.
        probabilities: (n, K) predicted by the judge; None without a judge.
    """

    number: NDArray[np.intp]
    latents: Tensor
    pictures: NDArray[np.uint8]
    classes: list[str]
    files: list[bytes]
    probabilities: NDArray[np.float64] | None = None

    def with_predictions(self, judge: Predictor) -> Series:
        """The series with a classifier's predictions."""
        return replace(self, probabilities=judge.predict(self.files))

    def best(self, index: int, count: int) -> Series:
        """The `count` pictures with the judge's highest probabilities of class `index`, the highest first."""
        assert self.probabilities is not None
        rows = np.argsort(-self.probabilities[:, index], kind="stable")[:count]
        return Series(
            self.number[rows],
            self.latents[torch.from_numpy(rows)],
            self.pictures[rows],
            [self.classes[row] for row in rows],
            [self.files[row] for row in rows],
            self.probabilities[rows],
        )


def generate_series(
    sampler: GANSampler, count: int, seed: int, class_name: str | None, psi: float, metadata: Mapping[str, str]
) -> Series:
    """Generates the pictures number 0 to `count` - 1.

    Args:
        sampler: a trained generator.
        count: number of pictures.
        seed, class_name, psi: as in `GANSampler.draw`.
        metadata: metadata of every file; the picture's number and its class, if any, are added.
    """
    latents, pictures, classes, texts = [], [], [], []
    for number in progress_bar(range(count), "generating pictures", count):
        latent = sampler.draw(number, seed, class_name, psi)
        label = sampler.class_of(latent)
        latents.append(latent)
        pictures.append(sampler.pictures(latent))
        classes.append(label)
        texts.append({**metadata, "number": str(number)} | ({"class": label} if label else {}))
    joined = np.concatenate(pictures)
    return Series(np.arange(count), torch.cat(latents), joined, classes, png_files(joined, texts))


def interpolation(sampler: GANSampler, latents: Tensor) -> NDArray[np.uint8]:
    """Frames (n, s, s, 3) of an interpolation through all pictures and back to the first, all in the first one's class.

    Args:
        sampler: a trained generator.
        latents: (m, D) inputs, m at least 2.
    """
    size = sampler.latents.size
    stops = torch.cat([latents[:, :size], latents[:1, size:].expand(len(latents), -1)], 1)
    pairs = zip(stops, stops.roll(-1, 0), strict=True)
    return sampler.pictures(torch.cat([interpolate(start, end, _FRAMES + 1, size)[:-1] for start, end in pairs]))


def of_every_class(sampler: GANSampler, latents: Tensor) -> NDArray[np.uint8]:
    """Pictures (K m, s, s, 3) of inputs (m, D) in every class: one row per class, the same noise in each column."""
    noise, count = latents[:, : sampler.latents.size], len(sampler.classes)
    classes = torch.arange(count).repeat_interleave(len(noise))
    return sampler.pictures(sampler.latents.of_class(noise.repeat(count, 1), classes))


def class_index(judge: Predictor, emotion: str) -> int:
    """The position of an emotion among the judge's classes.

    Raises:
        UserError: if the judge has no such class.
    """
    if emotion not in judge.classes:
        raise UserError(
            f"The judge has no class {emotion!r}; it has {', '.join(judge.classes)}.",
            where="--judge",
            suggestions=suggest(emotion, judge.classes),
        )
    return judge.classes.index(emotion)
