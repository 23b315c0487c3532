"""A pass over one picture that is repeated from a layer on, with other outputs of this layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from emotionart.attribution.gradient import as_grid
from emotionart.attribution.unit_layer import UnitLayer

_Place = tuple[int, ...]
"""A call of a module: the number of the call within each of the calls around it."""


_Forward = Callable[..., Any]
_Around = Callable[[nn.Module, _Place, _Forward, tuple[Any, ...], dict[str, Any]], Any]
"""What stands between a module's call, at its place, and its execution; takes its `forward` and what that is given."""


class Replay:
    """A pass over a picture, and what it gives without some units of a layer.

    A module that was done before the layer was cannot depend on it. It is not run again, but gives its output of the
    first time. This holds for any connections around the layer (residuals, branches), as everything else is run again.

    Args:
        layer: the layer.
        picture: (1, 3, H, W).

    Attributes:
        logits: (1, K) of the whole network.
    """

    def __init__(self, layer: UnitLayer, picture: Tensor) -> None:
        self._layer = layer
        self._done: dict[_Place, Tensor] = {}
        self._chains: set[_Place] = set()  # calls that pass each output on to the next part alone
        self._watched: set[_Place] = set()  # calls with hooks inside, which must see what they saw
        self._output: Tensor | None = None
        self._place: _Place = ()  # of the layer
        with torch.inference_mode():
            self._input = layer.network.normalised(picture)
            self.logits = self._run(self._input, self._record)

    @property
    def output(self) -> Tensor:
        """The layer's output, with one picture."""
        assert self._output is not None
        return self._output

    @property
    def grid(self) -> Tensor:
        """The layer's answers (1, U, h, w)."""
        return as_grid(self.output)

    @torch.inference_mode()
    def without(self, units: Tensor) -> Tensor:
        """Logits (M, K) where, in each row, another of these units (M,) is set to zero, in all places."""
        changed = _repeated(self.output, len(units)).movedim(self._layer.axis, 1)
        changed[torch.arange(len(units)), units] = 0
        return self._from(changed.movedim(1, self._layer.axis))

    def _from(self, output: Tensor) -> Tensor:
        module, count = self._layer.module, len(output)

        def again(
            part: nn.Module, place: _Place, forward: _Forward, given: tuple[Any, ...], named: dict[str, Any]
        ) -> Any:
            if part is module:
                if place in self._watched:
                    forward(*given, **named)
                return output
            if place in self._done:
                return self._again(place, count)
            # Such as the pooling of an earlier layer. Only innermost parts: inside others, calls would count twice.
            if len(given) == 1 and not named and _is_repeated(given[0]) and not any(True for _ in part.children()):
                one = forward(given[0][:1].clone())
                if isinstance(one, Tensor) and len(one) == 1:
                    return _repeated(one, count)
            return forward(*given, **named)

        return self._run(self._input.expand(count, *self._input.shape[1:]), again)

    def _run(self, inputs: Tensor, around: _Around) -> Tensor:
        network = self._layer.network
        with _calls(network, around):
            logits: Tensor = network.head(network.trunk(inputs))
        return logits

    def _again(self, place: _Place, count: int) -> Tensor:
        """The output of a call that was done before the layer, for each of so many rows."""
        one, following = self._done[place], (*place[:-1], place[-1] + 1)
        if place[:-1] in self._chains and (following in self._done or following == self._place):
            return one.expand(count, *one.shape[1:])  # whatever it is: what follows does not look at it
        return _repeated(one, count)  # a copy for each row, since the network may work in place

    def _record(
        self, part: nn.Module, place: _Place, forward: _Forward, given: tuple[Any, ...], named: dict[str, Any]
    ) -> Any:
        if isinstance(part, nn.Sequential):
            self._chains.add(place)
        output = forward(*given, **named)
        if self._output is not None or not isinstance(output, Tensor):
            return output
        is_layer = part is self._layer.module
        watched = any(inner._forward_hooks for inner in part.modules() if inner is not part)
        if watched:
            self._watched.add(place)
        elif is_layer or len(output) == 1:  # others, such as windows of a picture, are run again
            for inner in [one for one in self._done if one[: len(place)] == place]:
                del self._done[inner]
        # Copies, since the network may work in place.
        if is_layer:
            self._output, self._place = output.clone(), place
        elif len(output) == 1 and not watched:
            self._done[place] = output.clone()
        return output


def _repeated(one: Tensor, count: int) -> Tensor:
    return one.repeat(count, *(1 for _ in one.shape[1:]))


def _is_repeated(given: object) -> bool:
    """Whether this is one row that is shown several times, without copies."""
    return isinstance(given, Tensor) and given.ndim > 0 and len(given) > 1 and given.stride(0) == 0


@contextmanager
def _calls(network: nn.Module, around: _Around) -> Iterator[None]:
    """Context in which `around` stands between every call of a module and its execution."""
    place: list[int] = []
    counts = [0]

    def wrapped(part: nn.Module, forward: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **named: Any) -> Any:
            place.append(counts[-1])
            counts[-1] += 1
            counts.append(0)
            try:
                return around(part, tuple(place), forward, arguments, named)
            finally:
                counts.pop()
                place.pop()

        return called

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
