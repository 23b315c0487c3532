"""The schedule of a GAN's training settings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from emotionart.ranges import Images


@dataclass(frozen=True)
class CosineSchedule:
    """Settings that go from a first to a last value along half a cosine (R3GAN: Huang et al. 2024).

    Args:
        images: images until the last values are reached, which then stay.
        rate: first and last factor of both learning rates.
        penalty: first and last factor of the weights of the gradient penalties.
        beta2: first and last value of Adam's beta2.
        halflife: first and last factor of the averaged generator's half-life; 0 takes the generator itself.
    """

    images: Images
    rate: Sequence[float]
    penalty: Sequence[float]
    beta2: Sequence[float]
    halflife: Sequence[float]

    def __post_init__(self) -> None:
        for name in ("rate", "penalty", "beta2", "halflife"):
            if len(getattr(self, name)) != 2:
                raise ValueError(f"model.schedule.{name} is a first and a last value, not {list(getattr(self, name))}")

    def between(self, ends: Sequence[float], images: float) -> float:
        """The value after `images` images, between a first and a last one."""
        first, last = ends
        return last + (first - last) * (1 + math.cos(math.pi * min(1.0, images / self.images))) / 2

    def steer(self, optimizers: Iterable[Any], images: int) -> None:
        """Sets the learning rates and beta2 for `images` images of training."""
        for group in (group for optimizer in optimizers for group in optimizer.param_groups):
            rate = group.setdefault("initial_lr", group["lr"])
            group["lr"] = rate * self.between(self.rate, images)
            group["betas"] = (group["betas"][0], self.between(self.beta2, images))
