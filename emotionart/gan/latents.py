"""What a generator is given: noise, and where it is told classes, one of them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


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
