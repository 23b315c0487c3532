"""Batch norm on several devices with the statistics of the whole batch, as on a single device."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

PLAIN = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
"""torch's own batch norm; subclasses may do more."""


class _MeanOverDevices(torch.autograd.Function):
    """The mean of a tensor over all devices; the gradient is the mean of all devices' gradients."""

    @staticmethod
    def forward(ctx: Any, value: Tensor) -> Tensor:
        mean = value.clone()
        torch.distributed.all_reduce(mean)
        return mean / torch.distributed.get_world_size()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        mean: Tensor = _MeanOverDevices.apply(gradients[0])
        return mean


class SharedBatchNorm(_BatchNorm):
    """Batch norm that normalises by the statistics of all devices while `shared` is set; torch's works on GPUs only.

    Devices have equally many pictures.

    Attributes:
        shared: whether all devices are passing a part of the same batch.
    """

    shared = False

    def forward(self, input: Tensor) -> Tensor:
        """The normalised input (B, C, ...)."""
        if not (self.shared and self.training):
            return super().forward(input)
        others = [0, *range(2, input.ndim)]
        wide = input.float()  # statistics of 16-bit grids
        mean: Tensor = _MeanOverDevices.apply(wide.mean(others, keepdim=True))
        centred = wide - mean
        variance: Tensor = _MeanOverDevices.apply(centred.square().mean(others, keepdim=True))
        if self.running_mean is not None and self.running_var is not None and self.momentum is not None:
            count = input.numel() / input.shape[1] * torch.distributed.get_world_size()
            with torch.no_grad():
                self.running_mean.lerp_(mean.flatten(), self.momentum)
                self.running_var.lerp_(variance.flatten() * (count / (count - 1)), self.momentum)
                self.num_batches_tracked.add_(1)  # type: ignore[union-attr]
        normalised = centred * torch.rsqrt(variance + self.eps)
        if self.affine:
            shape = (-1, *(1 for _ in others[1:]))
            normalised = torch.addcmul(self.bias.view(shape), normalised, self.weight.view(shape))
        return normalised.to(input.dtype)

    def _check_input_dim(self, input: Tensor) -> None:
        """Nothing, as the number of dimensions is that of the layer it was."""


def share_statistics(network: nn.Module) -> dict[SharedBatchNorm, type[nn.Module]]:
    """Turns torch's own batch norm layers into shared ones in place, and returns each with its original class.

    Other libraries' subclasses, which may do more, and layers with a cumulative average stay as they are.
    """
    layers = [part for part in network.modules() if type(part) in PLAIN and part.momentum is not None]
    original: dict[Any, type[nn.Module]] = {layer: type(layer) for layer in layers}
    for layer in original:
        layer.__class__ = SharedBatchNorm
    return original


def unshare_statistics(original: dict[SharedBatchNorm, type[nn.Module]]) -> None:
    """Restores the original classes of the layers, as returned by `share_statistics`."""
    for layer, kind in original.items():
        layer.__class__ = kind  # type: ignore[assignment]
        layer.__dict__.pop("shared", None)
