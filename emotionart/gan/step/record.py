"""What the steps between two reports have shown, kept on the device that they run on."""

from __future__ import annotations

import math

import torch
from torch import Tensor


class StepRecord:
    """Losses and norms of gradients of both players' steps; nothing waits for them before a report reads them."""

    def __init__(self) -> None:
        self._values: dict[str, list[Tensor]] = {}

    def add(self, player: str, loss: Tensor, gradient: Tensor) -> None:
        """Adds a step of a player, "d" or "g"."""
        self._values.setdefault(f"{player}_loss", []).append(loss.detach())
        self._values.setdefault(f"{player}_gradient", []).append(gradient)

    def means(self) -> dict[str, Tensor]:
        """The mean of each, by `<player>_loss` and `<player>_gradient`; of players that have made a step."""
        return {name: torch.stack(values).mean() for name, values in self._values.items()}

    def is_finite(self) -> bool:
        """Whether all losses are numbers."""
        losses = [loss for name, values in self._values.items() if name.endswith("loss") for loss in values]
        return not losses or bool(torch.isfinite(torch.stack(losses)).all())

    def generator_gradient(self) -> float:
        """Mean norm of the generator's gradient; not a number where it has made no step."""
        return float(self.means().get("g_gradient", math.nan))
