"""Adaptive probability of augmentation, by the discriminator's overfitting (ADA: Karras et al. 2020)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

_EVERY = 4  # steps between updates


def adapted(state: Tensor, signs: Tensor, count: int, target: float, images: float) -> Tensor:
    """The state after one more step; every few steps the probability moves so that the mean sign nears its target.

    Args:
        state: (3,) probability; sum of mean signs, and steps, since its last update.
        signs: () mean sign of the step's logits of real pictures.
        count: number of those pictures.
        target: mean sign above which the discriminator overfits, and the probability rises.
        images: images in which the probability can move from 0 to 1.
    """
    probability, gathered, steps = state
    gathered, steps = gathered + signs, steps + 1
    way = steps * count / images
    moved = torch.where(gathered / steps > target, probability + way, probability - way).clamp(0, 1)
    going_on = torch.stack([probability, gathered, steps])
    begun = torch.stack([moved, torch.zeros_like(gathered), torch.zeros_like(steps)])
    return torch.where(steps == _EVERY, begun, going_on)


def require_adaptable(loss: str, changes: Sequence[str]) -> None:
    """Checks that the loss and the augmentations allow adaptive augmentation.

    Raises:
        ValueError: for a loss whose logits have no meaningful sign, or without augmentations.
    """
    if loss == "relativistic":
        raise ValueError("model.adaptive=true steers by the sign of logits, which model.loss=relativistic leaves open")
    if not changes:
        raise ValueError("model.adaptive=true needs changes to adapt: model.diffaugment is empty")
