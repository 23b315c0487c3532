"""The base of modules from a batch of inputs to a network's input."""

from __future__ import annotations

from torch import nn


class InputTransform(nn.Module):
    """Maps a batch of inputs, as a run reads them, to a network's input."""

    def trained_layers(self) -> list[list[nn.Parameter]]:
        """The trainable weights by layer, from the input on; there are none, unless a backbone is trained."""
        return []
