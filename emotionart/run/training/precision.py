"""Mixed precision on the CPU, without the operations that are slow in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.plugins.precision import MixedPrecision
from torch.overrides import TorchFunctionMode

_CONVOLUTIONS = (torch.conv2d, torch.conv_transpose2d)
_POSITIONS = {"input": 0, "stride": 3, "groups": 6}  # of these arguments in both


class FastConvolutions(TorchFunctionMode):
    """Computes strided depthwise convolutions in float32 where autocast would take bfloat16.

    In bfloat16, oneDNN (in torch 2.15) computes their gradient, and transposed ones, by its reference code, which takes
    10 to 47 times as long (`python benchmarks/convolutions.py`).
    """

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """The function's result, of autocast's type."""
        named = kwargs or {}
        if function in _CONVOLUTIONS and torch.is_autocast_enabled("cpu") and _is_slow(args, named):
            with torch.autocast("cpu", enabled=False):
                grid = function(*map(_float32, args), **{name: _float32(value) for name, value in named.items()})
            return grid.to(torch.get_autocast_dtype("cpu"))
        return function(*args, **named)


class CPUMixedPrecision(MixedPrecision):
    """Lightning's mixed precision on the CPU, with `FastConvolutions`."""

    @contextmanager
    def forward_context(self) -> Iterator[None]:
        """The precision of a step."""
        with super().forward_context(), FastConvolutions():
            yield


def set_fast_precision(trainer: pl.Trainer) -> None:
    """Replaces a trainer's mixed precision by `CPUMixedPrecision` if it trains on the CPU."""
    plugin = trainer.precision_plugin
    if isinstance(plugin, MixedPrecision) and plugin.device == "cpu":
        trainer.strategy.precision_plugin = CPUMixedPrecision("bf16-mixed", "cpu")


def _is_slow(args: Sequence[Any], named: Mapping[str, Any]) -> bool:
    """Whether these are the arguments of a convolution with a stride and a filter for each channel.

    Autocast leaves float64 as it is.
    """
    grid, stride, groups = (args[at] if at < len(args) else named.get(name, 1) for name, at in _POSITIONS.items())
    strided = max([stride] if isinstance(stride, int) else stride) > 1
    return strided and 1 < groups == grid.shape[-3] and grid.dtype != torch.float64


def _float32(value: Any) -> Any:
    return value.float() if isinstance(value, torch.Tensor) else value
