"""Means over all devices."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def average(tensors: Sequence[Tensor], devices: int) -> None:
    """Replaces tensors of one type by their means over all devices, in one exchange that no GPU is waited for."""
    if devices == 1:
        return
    flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
    torch.distributed.all_reduce(flat)
    means = torch.split(flat / devices, [tensor.numel() for tensor in tensors])
    for tensor, mean in zip(tensors, means, strict=True):
        tensor.copy_(mean.view(tensor.shape))
