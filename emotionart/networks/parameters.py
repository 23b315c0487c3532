"""The parameters of a network."""

from __future__ import annotations

from torch import nn


def count_parameters(network: nn.Module) -> dict[str, int]:
    """The numbers of trainable and frozen parameters."""
    trainable = sum(weight.numel() for weight in network.parameters() if weight.requires_grad)
    return {"trainable": trainable, "frozen": sum(weight.numel() for weight in network.parameters()) - trainable}
