"""Repeated forward passes from a layer on, with changed activations of this layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from emotionart.attribution.unit_layer import UnitLayer
from emotionart.networks.tokens import as_grid

_Call = tuple[int, ...]
"""A call of a module in a forward pass: its number within each of the calls around it, outermost first."""

_Forward = Callable[..., Any]
_Interceptor = Callable[[nn.Module, _Call, _Forward, tuple[Any, ...], dict[str, Any]], Any]
"""Replaces the call of a module; takes the module, the call, the module's `forward` and its arguments."""


class Replay:
    """A forward pass on one picture, which can be repeated without some units of a layer.

    A module that returned before the layer was called cannot depend on it: instead of running again, it returns its
    recorded output. Everything else runs again, so any connections around the layer (residuals, branches) are allowed.

    Args:
        layer: layer of the units.
        picture: (1, 3, H, W).

    Attributes:
        logits: (1, K) logits of the whole network.
    """

    def __init__(self, layer: UnitLayer, picture: Tensor) -> None:
        self._layer = layer
        self._recorded: dict[_Call, Tensor] = {}
        self._chains: set[_Call] = set()  # calls of modules that pass each part's output only to the next part
        self._hooked: set[_Call] = set()  # calls with hooks inside, which must see the same inputs again
        self._output: Tensor | None = None
        self._call: _Call = ()  # of the layer
        with torch.inference_mode():
            self._input = layer.network.normalised(picture)
            self.logits = self._run(self._input, self._record)

    @property
    def output(self) -> Tensor:
        """The layer's output for the picture."""
        assert self._output is not None
        return self._output

    @property
    def grid(self) -> Tensor:
        """The layer's activations (1, U, h, w)."""
        return as_grid(self.output)

    @torch.inference_mode()
    def without(self, units: Tensor) -> Tensor:
        """Logits (M, K) with one of the units (M,) set to zero everywhere, another one in each row."""
        changed = _repeated(self.output, len(units)).movedim(self._layer.axis, 1)
        changed[torch.arange(len(units)), units] = 0
        return self._from(changed.movedim(1, self._layer.axis))

    def _from(self, output: Tensor) -> Tensor:
        """Logits (M, K) of a pass in which the layer returns `output`, with M rows."""
        module, count = self._layer.module, len(output)

        def replay(
            part: nn.Module, call: _Call, forward: _Forward, args: tuple[Any, ...], kwargs: dict[str, Any]
        ) -> Any:
            if part is module:
                if call in self._hooked:
                    forward(*args, **kwargs)
                return output
            if call in self._recorded:
                return self._recorded_rows(call, count)
            # Such as the pooling of an earlier layer: one row is enough. Only modules without parts, as the numbers of
            # inner calls would change otherwise.
            if len(args) == 1 and not kwargs and _is_expanded(args[0]) and not any(True for _ in part.children()):
                one = forward(args[0][:1].clone())
                if isinstance(one, Tensor) and len(one) == 1:
                    return _repeated(one, count)
            return forward(*args, **kwargs)

        return self._run(self._input.expand(count, *self._input.shape[1:]), replay)

    def _run(self, inputs: Tensor, interceptor: _Interceptor) -> Tensor:
        network = self._layer.network
        with _intercepted(network, interceptor):
            logits: Tensor = network.head(network.trunk(inputs))
        return logits

    def _recorded_rows(self, call: _Call, count: int) -> Tensor:
        """The recorded output of a call, with `count` rows."""
        output, following = self._recorded[call], (*call[:-1], call[-1] + 1)
        if call[:-1] in self._chains and (following in self._recorded or following == self._call):
            return output.expand(count, *output.shape[1:])  # only the next part takes it, and ignores its values
        return _repeated(output, count)  # a copy for each row, since the network may work in place

    def _record(
        self, part: nn.Module, call: _Call, forward: _Forward, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        if isinstance(part, nn.Sequential):
            self._chains.add(call)
        output = forward(*args, **kwargs)
        if self._output is not None or not isinstance(output, Tensor):
            return output
        is_layer = part is self._layer.module
        hooked = any(inner._forward_hooks for inner in part.modules() if inner is not part)
        if hooked:
            self._hooked.add(call)
        elif is_layer or len(output) == 1:  # others, such as windows of a picture, run again
            for inner in [other for other in self._recorded if other[: len(call)] == call]:
                del self._recorded[inner]
        # Copies, since the network may work in place.
        if is_layer:
            self._output, self._call = output.clone(), call
        elif len(output) == 1 and not hooked:
            self._recorded[call] = output.clone()
        return output


def _repeated(row: Tensor, count: int) -> Tensor:
    return row.repeat(count, *(1 for _ in row.shape[1:]))


def _is_expanded(value: object) -> bool:
    """Whether this is a tensor of several rows that share the memory of one."""
    return isinstance(value, Tensor) and value.ndim > 0 and len(value) > 1 and value.stride(0) == 0


@contextmanager
def _intercepted(network: nn.Module, interceptor: _Interceptor) -> Iterator[None]:
    """Context in which `interceptor` replaces every call of a module's `forward`."""
    call: list[int] = []
    counts = [0]

    def wrapped(part: nn.Module, forward: _Forward) -> _Forward:
        def intercept(*args: Any, **kwargs: Any) -> Any:
            call.append(counts[-1])
            counts[-1] += 1
            counts.append(0)
            try:
                return interceptor(part, tuple(call), forward, args, kwargs)
            finally:
                counts.pop()
                call.pop()

        return intercept

    parts = list(network.modules())
    own = [vars(part).get("forward") for part in parts]
    try:
        for part in parts:
            vars(part)["forward"] = wrapped(part, part.forward)
        yield
    finally:
        for part, forward in zip(parts, own, strict=True):
            if forward is None:
                del vars(part)["forward"]
            else:
                vars(part)["forward"] = forward
