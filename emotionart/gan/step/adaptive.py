"""Adaptive probability of augmentation, by the discriminator's overfitting (ADA: Karras et al. 2020)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from emotionart.errors import UserError

_EVERY = 4  # steps between updates


def adapted(state: Tensor, signs: Tensor, count: int, target: float, images: float) -> Tensor:
    """The state after one more step; every fourth step, the probability moves to bring the mean sign to its target.

    Args:
        state: (3,) probability; sum of mean signs, and steps, since its last update.
        signs: () mean sign of the step's logits of real pictures.
        count: number of those pictures.
        target: mean sign above which the discriminator overfits, and the probability rises.
        images: images in which the probability can move from 0 to 1.
    """
    probability, sum_of_signs, steps = state
    sum_of_signs, steps = sum_of_signs + signs, steps + 1
    change = steps * count / images
    updated = torch.where(sum_of_signs / steps > target, probability + change, probability - change).clamp(0, 1)
    accumulating = torch.stack([probability, sum_of_signs, steps])
    restarted = torch.stack([updated, torch.zeros_like(sum_of_signs), torch.zeros_like(steps)])
    return torch.where(steps == _EVERY, restarted, accumulating)


def require_adaptable(loss: str, changes: Sequence[str]) -> None:
    """Checks that the loss and the augmentations allow adaptive augmentation.

    Raises:
        UserError: for a loss whose logits have no meaningful sign, or without augmentations.
    """
    if loss == "relativistic":
        raise UserError(
            "Adaptive augmentation follows the sign of the logits, which means nothing with model.loss=relativistic.",
            where="model.adaptive",
            fix="model.adaptive=false",
        )
    if not changes:
        raise UserError(
            "There is no augmentation to adapt: model.diffaugment is empty.",
            where="model.adaptive",
            fix="model.diffaugment=[colour,translation,cutout]",
        )
