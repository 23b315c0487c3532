"""Integrated gradients (Sundararajan et al. 2017), by captum: contributions that add up."""

from __future__ import annotations

import torch
from captum.attr import IntegratedGradients
from torch import Tensor, nn

_BATCH = 32  # inputs in memory at a time


def integrated_gradients(
    network: nn.Module, inputs: Tensor, targets: Tensor, baseline: Tensor, steps: int = 32
) -> Tensor:
    """What each input value contributes to T logits, (B, T, *input shape).

    The contributions to a logit sum to its difference from the logit of the baseline, as exactly as `steps` allow.

    Args:
        network: in evaluation mode; maps inputs (B, ...) to logits (B, K).
        inputs: (B, ...).
        targets: (B, T) classes.
        baseline: one input, (...), that stands for "nothing".
        steps: of the integral.
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
