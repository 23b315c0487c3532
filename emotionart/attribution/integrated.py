"""Integrated gradients (Sundararajan et al. 2017), by captum: additive contributions."""

from __future__ import annotations

import torch
from captum.attr import IntegratedGradients
from torch import Tensor, nn

_BATCH = 32  # inputs in memory at a time


def integrated_gradients(
    network: nn.Module, inputs: Tensor, targets: Tensor, baseline: Tensor, steps: int = 32
) -> Tensor:
    """(B, T, *input shape): contribution of each input value to T logits.

    The contributions to a logit sum to its difference to the baseline's logit, up to the error of `steps`.

    Args:
        network: network in evaluation mode; maps inputs (B, ...) to logits (B, K).
        inputs: (B, ...) inputs.
        targets: (B, T) classes.
        baseline: (...), one input that represents the absence of information.
        steps: steps of the numerical integration.
    """
    method = IntegratedGradients(network)
    baselines = baseline.expand_as(inputs)
    return torch.stack(
        [
            method.attribute(inputs, baselines, target, n_steps=steps, internal_batch_size=max(_BATCH, len(inputs)))
            for target in targets.T
        ],
        dim=1,
    ).detach()
