"""What a generator is given: noise, and where it is told classes, one of them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from scipy.optimize import brentq
from scipy.stats import truncnorm
from torch import Tensor, nn
from torch.nn import functional as F

BATCH = 64
"""Pictures that are sampled, or looked at, at a time."""


@dataclass(frozen=True)
class Latents:
    """The distribution of a generator's input; from random generators of the CPU, so that it is the same on any device.

    Attributes:
        size: numbers of noise for a picture.
        share: (K,) how often each class is asked for; None where the generator is told none.
    """

    size: int
    share: Tensor | None

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Noise (count, size), with classes one-hot (count, size + K)."""
        noise = torch.randn(count, self.size, generator=generator)
        if self.share is None:
            return noise
        classes = torch.multinomial(self.share, count, replacement=True, generator=generator)
        return self.of_class(noise, classes)

    def draw_grid(self, columns: int, generator: torch.Generator) -> Tensor:
        """Input of a square of pictures; where there are classes, a row for each, with the same noise in a column."""
        if self.share is None:
            return self.draw(columns**2, generator)
        noise, count = torch.randn(columns, self.size, generator=generator), len(self.share)
        return self.of_class(noise.repeat(count, 1), torch.arange(count).repeat_interleave(columns))

    def of_class(self, noise: Tensor, classes: Tensor) -> Tensor:
        """Input (n, size + K) of noise (n, size) and classes (n,)."""
        assert self.share is not None
        return torch.cat([noise, F.one_hot(classes, len(self.share)).to(noise)], 1)

    def classes(self, latents: Tensor) -> Tensor | None:
        """The classes (n,) that are asked for in some input; None where there are none."""
        return None if self.share is None else latents[:, self.size :].argmax(1)


def walk(start: Tensor, end: Tensor, steps: int, latent: int) -> Tensor:
    """Noise (steps, D) along the great circle from one to the other, on which noise keeps its usual length.

    Args:
        start, end: (D,).
        steps: at least 2, both ends among them.
        latent: numbers of noise in D; what comes after them, a class, is that of the start.
    """
    first, last, rest = start[:latent], end[:latent], start[latent:]
    angle = torch.arccos((first @ last / (first.norm() * last.norm())).clamp(-1, 1))
    share = torch.linspace(0, 1, steps).unsqueeze(1)
    noise = (torch.sin((1 - share) * angle) * first + torch.sin(share * angle) * last) / torch.sin(angle)
    return torch.cat([noise, rest.expand(steps, -1)], 1)


def truncated(noise: Tensor, psi: float) -> Tensor:
    """Noise of the same shape from the normal distribution cut off on both sides so that `psi` is its deviation.

    Each number keeps its place among the others: what Brock et al. 2019 resample, without chance.

    Args:
        noise: standard normal.
        psi: above 0, to 1, which cuts nothing off.
    """
    if psi == 1:
        return noise
    bound = brentq(lambda limit: truncnorm.std(-limit, limit) - psi, 1e-3, 12)
    inside = torch.special.ndtr(noise.double()) - 0.5
    share = 2 * torch.special.ndtr(torch.tensor(bound, dtype=torch.double)) - 1
    cut: Tensor = torch.special.ndtri(share * inside + 0.5).to(noise.dtype)
    return cut


def sample(network: nn.Module, latents: Tensor) -> Tensor:
    """Pictures (n, 3, s, s) by a generator in evaluation mode, which is left as it was."""
    was_training = network.training
    pictures = torch.cat([network.eval()(part) for part in torch.split(latents, BATCH)])
    network.train(was_training)
    return pictures.float()
