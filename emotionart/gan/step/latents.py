"""The input of a generator: noise, and a class if it is conditional."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from scipy.optimize import brentq
from scipy.stats import chi2
from torch import Tensor, nn

BATCH = 64
"""Batch size for sampling and for observing pictures."""

_PARALLEL = 1e-6
"""Sine of an angle below which two directions count as one or as opposite."""


@dataclass(frozen=True)
class Latents:
    """The distribution of a generator's input, drawn on the CPU so that it is the same for any device.

    Attributes:
        size: dimension of the noise.
        share: (K,) probability of each class; None for an unconditional generator.
    """

    size: int
    share: Tensor | None

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Noise (count, size), or noise with one-hot classes (count, size + K)."""
        noise = torch.randn(count, self.size, generator=generator)
        if self.share is None:
            return noise
        classes = torch.multinomial(self.share, count, replacement=True, generator=generator)
        return self.of_class(noise, classes)

    def draw_grid(self, columns: int, generator: torch.Generator) -> Tensor:
        """Inputs of a square grid of pictures; if conditional, one row per class with the same noise in each column."""
        if self.share is None:
            return self.draw(columns**2, generator)
        noise, count = torch.randn(columns, self.size, generator=generator), len(self.share)
        return self.of_class(noise.repeat(count, 1), torch.arange(count).repeat_interleave(columns))

    def of_class(self, noise: Tensor, classes: Tensor) -> Tensor:
        """Inputs (n, size + K) from noise (n, size) and classes (n,)."""
        assert self.share is not None
        one_hot = torch.eye(len(self.share), dtype=noise.dtype, device=noise.device)  # F.one_hot waits for a GPU
        return torch.cat([noise, one_hot[classes]], 1)

    def classes(self, latents: Tensor) -> Tensor | None:
        """The classes (n,) of inputs (n, D); None for an unconditional generator."""
        return None if self.share is None else latents[:, self.size :].argmax(1)


def interpolate(start: Tensor, end: Tensor, steps: int, latent: int) -> Tensor:
    """Inputs (steps, D) from one to another by spherical interpolation, on which noise keeps its usual length.

    Args:
        start, end: (D,) inputs.
        steps: number of steps including both ends, at least 2.
        latent: dimension of the noise in D; a class after it is that of the start.
    """
    noise = slerp(start[:latent], end[:latent], torch.linspace(0, 1, steps).unsqueeze(1))
    return torch.cat([noise, start[latent:].expand(steps, -1)], 1)


def slerp(start: Tensor, end: Tensor, share: Tensor | float) -> Tensor:
    """Spherical linear interpolation (Shoemake 1985).

    Args:
        start, end: (size,) noise.
        share: fraction of the angle between them, 0 to 1; (steps, 1) for several.

    Returns:
        (size,) or (steps, size); `start` if the two are parallel or opposite, which determines no great circle.
    """
    angle = torch.arccos((start @ end / (start.norm() * end.norm())).clamp(-1, 1))
    share = torch.as_tensor(share)
    if torch.sin(angle) < _PARALLEL:
        return start + torch.zeros_like(share)
    return (torch.sin((1 - share) * angle) * start + torch.sin(share * angle) * end) / torch.sin(angle)


def truncated(noise: Tensor, psi: float) -> Tensor:
    """Noise of the same shape, mapped to a normal distribution truncated so that its standard deviation is `psi`.

    The mapping is monotonic: a deterministic version of the truncation trick, which resamples (Brock et al. 2019).

    Args:
        noise: standard normal noise.
        psi: standard deviation, above 0, at most 1 (no truncation).
    """
    if psi == 1:
        return noise
    # E[x² | |x| < b] by chi-squared distributions, without the cancellation of truncnorm.var for a small b.
    bound = brentq(lambda b: chi2.cdf(b**2, 3) / chi2.cdf(b**2, 1) - psi**2, psi, 12)
    inside = torch.special.ndtr(noise.double()) - 0.5
    share = 2 * torch.special.ndtr(torch.tensor(bound, dtype=torch.double)) - 1
    cut: Tensor = torch.special.ndtri(share * inside + 0.5).to(noise.dtype)
    return cut


def sample(network: nn.Module, latents: Tensor) -> Tensor:
    """Pictures (n, 3, s, s) by a generator in evaluation mode; its mode is restored."""
    was_training = network.training
    pictures = torch.cat([network.eval()(part) for part in torch.split(latents, BATCH)])
    network.train(was_training)
    return pictures.float()
