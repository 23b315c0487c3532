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
        self._layer, self._picture = layer, picture
        self._done: dict[_Place, Tensor] = {}
        self._output: Tensor | None = None
        with torch.inference_mode(), _calls(layer.network, self._record):
            self.logits: Tensor = layer.network(picture)

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
        module = self._layer.module

        def again(part: nn.Module, place: _Place, run: Callable[[], Any]) -> Any:
            if part is module:
                return output
            # A copy for each row, since the network may work in place.
            return _repeated(self._done[place], len(output)) if place in self._done else run()

        with _calls(self._layer.network, again):
            logits: Tensor = self._layer.network(_repeated(self._picture, len(output)))
        return logits

    def _record(self, part: nn.Module, place: _Place, run: Callable[[], Any]) -> Any:
        output = run()
        if self._output is not None or not isinstance(output, Tensor):
            return output
        is_layer = part is self._layer.module
        if is_layer or len(output) == 1:  # others, such as windows of a picture, are run again
            for inner in [one for one in self._done if one[: len(place)] == place]:
                del self._done[inner]
            # Copies, since the network may work in place.
            if is_layer:
                self._output = output.clone()
            else:
                self._done[place] = output.clone()
        return output


def _repeated(one: Tensor, count: int) -> Tensor:
    return one.repeat(count, *(1 for _ in one.shape[1:]))


@contextmanager
def _calls(network: nn.Module, around: Callable[[nn.Module, _Place, Callable[[], Any]], Any]) -> Iterator[None]:
    """Context in which `around` stands between every call of a module and its execution."""
    place: list[int] = []
    counts = [0]

    def wrapped(part: nn.Module, forward: Callable[..., Any]) -> Callable[..., Any]:
        def called(*given: Any, **named: Any) -> Any:
            place.append(counts[-1])
            counts[-1] += 1
            counts.append(0)
            try:
                return around(part, tuple(place), lambda: forward(*given, **named))
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
