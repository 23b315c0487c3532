"""Logistic regression as a head: a linear layer fitted to convergence for each penalty of a path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor
from torch.optim.lr_scheduler import LRScheduler

from emotionart.errors import UserError
from emotionart.ranges import Count, Weight


class PenalisedLBFGS(torch.optim.LBFGS):
    """L-BFGS (Liu and Nocedal 1989) on the full-batch training loss plus λ/2 ‖W‖².

    W are the weight matrices; biases are not penalised. λ is `penalty` of the parameter group. One step is a whole fit
    from the current weights.

    Args:
        params: parameters of a convex model.
        lr: initial step length of a line search; 1 is that of Newton's method.
        max_iter: largest number of iterations of a fit.
        tolerance: largest entry of the gradient at which a fit ends.

    Raises:
        UserError: for weights in several groups, as with a trainable backbone.
    """

    def __init__(self, params: Iterable[Tensor], lr: Weight, max_iter: Count, tolerance: Weight) -> None:
        groups = list(params)
        if len(groups) > 1 and isinstance(groups[0], dict):
            raise UserError(
                "Logistic regression is fitted on frozen features.",
                where="model.freeze",
                fix="model.freeze=all   or another model/head",
            )
        super().__init__(groups, lr=lr, max_iter=max_iter, tolerance_grad=tolerance, line_search_fn="strong_wolfe")
        self.param_groups[0]["penalty"] = 0.0

    def step(self, closure: Callable[[], Tensor]) -> float:  # type: ignore[override]
        """Fits the weights and returns the penalised loss before the fit."""
        self.state.clear()  # directions under an earlier penalty belong to another function
        (group,) = self.param_groups
        matrices = [weight for weight in group["params"] if weight.ndim > 1]

        def penalised() -> float:
            loss = float(closure().detach())
            for weight in matrices:
                loss += group["penalty"] / 2 * float(weight.detach().square().sum())
                weight.grad.add_(weight.detach(), alpha=group["penalty"])
            return loss

        return float(super().step(penalised))  # type: ignore[no-untyped-call]


class PenaltyPath(LRScheduler):
    """Sets the penalty of each epoch, from strong to weak; the best checkpoint is thus the choice on validation.

    Args:
        optimizer: optimiser whose groups have a `penalty`.
        penalties: λ of each epoch, at least one; the last one stays.

    Raises:
        ValueError: for another optimiser, or without penalties.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, penalties: Sequence[Weight]) -> None:
        if not penalties:
            raise ValueError("penalties must have at least one value")
        if any("penalty" not in group for group in optimizer.param_groups):
            raise ValueError("the optimizer has no penalty; use optimizer=penalised_lbfgs")
        self.penalties = list(penalties)
        super().__init__(optimizer)

    def get_lr(self) -> list[float | Tensor]:
        """Sets the epoch's penalty and returns the unchanged learning rates."""
        for group in self.optimizer.param_groups:
            group["penalty"] = self.penalties[min(self.last_epoch, len(self.penalties) - 1)]
        return [group["lr"] for group in self.optimizer.param_groups]
