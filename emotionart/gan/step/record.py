"""Losses and gradients of the steps between two reports, kept on the training device."""

from __future__ import annotations

import math

import torch
from torch import Tensor


class StepRecord:
    """Losses and gradient norms of both networks' steps; the device is synchronised only when they are read."""

    def __init__(self) -> None:
        self._values: dict[str, list[Tensor]] = {}

    def add(self, player: str, loss: Tensor, gradient: Tensor) -> None:
        """Adds a step of the discriminator, "d", or of the generator, "g"."""
        self._values.setdefault(f"{player}_loss", []).append(loss.detach())
        self._values.setdefault(f"{player}_gradient", []).append(gradient)

    def means(self) -> dict[str, Tensor]:
        """The means by name, `<player>_loss` and `<player>_gradient`, for networks that have made a step."""
        return {name: torch.stack(values).mean() for name, values in self._values.items()}

    def is_finite(self) -> bool:
        """Whether all losses are finite."""
        losses = [loss for name, values in self._values.items() if name.endswith("loss") for loss in values]
        return not losses or bool(torch.isfinite(torch.stack(losses)).all())

    def generator_gradient(self) -> float:
        """Mean norm of the generator's gradient; NaN if it has made no step."""
        return float(self.means().get("g_gradient", math.nan))
