"""Class activation maps (Zhou et al. 2016), for heads that depend on a grid only through its mean over space.

The logit is b_k plus the mean over space of sum_c w_kc A_c, so the map of class k is M_k = sum_c w_kc A_c, and the
logit is the mean of M_k plus b_k. The maps of all classes come from one product, without a backward pass. They are
signed, since evidence against a class is as much part of an explanation as evidence for it.
"""

from __future__ import annotations

import copy
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_CHUNK = 64  # channels probed at a time
_TOLERANCE = 1e-4  # relative to the largest logit; rounding errors of float32 are about 1e-6


class PooledHead(NamedTuple):
    """A head that is linear in the mean of its grid.

    Attributes:
        weight: (K, C) weights of the channels' means.
        bias: (K,) biases.
    """

    weight: Tensor
    bias: Tensor


def class_activation_maps(grid: Tensor, weight: Tensor) -> Tensor:
    """Signed maps (B, K, h, w) of all classes.

    Args:
        grid: (B, C, h, w), the grid that is averaged over space.
        weight: (K, C) weights of the averages.
    """
    return F.conv2d(grid, weight[:, :, None, None])


@torch.no_grad()
def pooled_head(head: nn.Module, shape: tuple[int, ...]) -> PooledHead | None:
    """The weights of a head for which class activation maps exist; None for any other head.

    They are measured by passing grids with a single active channel in double precision, so averaging, standardisation
    and a linear layer may be spread over any modules. The head must be in evaluation mode.

    Args:
        head: maps grids (B, *shape) to logits (B, K).
        shape: (C, h, w); for any other shape there are no maps.
    """
    if len(shape) != 3 or not _is_affine_in_the_mean(head, shape):
        return None
    exact = copy.deepcopy(head).cpu().double()  # not every device supports double precision
    channels = shape[0]
    bias = exact(torch.zeros(1, *shape, dtype=torch.float64))[0]
    rows = []
    for start in range(0, channels, _CHUNK):
        unit = torch.eye(channels, dtype=torch.float64)[start : start + _CHUNK]
        rows.append(exact(unit[:, :, None, None].expand(-1, *shape)) - bias)
    device = _device(head)
    return PooledHead(torch.cat(rows).T.float().contiguous().to(device), bias.float().to(device))


def _is_affine_in_the_mean(head: nn.Module, shape: tuple[int, ...]) -> bool:
    device = _device(head)
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn((2, *shape), generator=generator).to(device)
    shuffled = a.flatten(1)[:, torch.randperm(shape[1] * shape[2], generator=generator).to(device)].view(shape)
    of_a, of_shuffled, of_b, of_sum, of_none = head(torch.stack([a, shuffled, b, a + b, torch.zeros_like(a)]))
    size = torch.stack([of_a, of_b, of_none]).abs().max()
    wrong = torch.stack([of_a - of_shuffled, of_sum + of_none - of_a - of_b]).abs().max()
    return bool(wrong <= _TOLERANCE * size)


def _device(head: nn.Module) -> torch.device:
    return next((tensor.device for tensor in (*head.parameters(), *head.buffers())), torch.device("cpu"))
