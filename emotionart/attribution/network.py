"""A classifier for attributions: from pictures to logits in steps, without lasting changes to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from emotionart.networks.normalise import NormalisePixels

_BATCH = 64  # pictures at a time


class PictureNetwork(nn.Module):
    """A classifier composed of parts that are shared with the caller.

    Maps float pictures (B, 3, H, W) in 0..1 to logits (B, K).

    Args:
        normalise: maps pictures (B, H, W, 3) in 0..255 to the trunk's input.
        trunk: maps these to features, preferably a grid (B, C, h, w).
        head: maps features to logits.
    """

    def __init__(self, normalise: NormalisePixels, trunk: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.normalise = normalise
        self.trunk = trunk
        self.head = head

    def normalised(self, pictures: Tensor) -> Tensor:
        """The trunk's input for pictures (B, 3, H, W)."""
        inputs: Tensor = self.normalise(255 * pictures.permute(0, 2, 3, 1))
        return inputs

    def features(self, pictures: Tensor) -> Tensor:
        """The trunk's features of pictures (B, 3, H, W)."""
        features: Tensor = self.trunk(self.normalised(pictures))
        return features

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits (B, K) of pictures (B, 3, H, W)."""
        logits: Tensor = self.head(self.features(pictures))
        return logits


def as_floats(pictures: NDArray[np.uint8]) -> Tensor:
    """Pictures (n, H, W, 3) in 0..255 as a `PictureNetwork` takes them: (n, 3, H, W) in 0..1."""
    return torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float() / 255


@torch.inference_mode()
def class_probabilities(network: nn.Module, pictures: Tensor) -> Tensor:
    """Probabilities (n, K) of pictures (n, 3, H, W), float64 on the CPU, computed in batches."""
    parts = [torch.softmax(network(part).cpu().double(), 1) for part in torch.split(pictures, _BATCH)]
    return torch.cat(parts)


@contextmanager
def undisturbed(network: nn.Module) -> Iterator[None]:
    """Context in which a network is in evaluation mode with frozen weights; its state is restored, also after an error.

    Gradients with respect to pictures and layers can be computed inside; the weights' `grad` does not change.
    """
    modes = [(part, part.training) for part in network.modules()]
    trained = [(weight, weight.requires_grad) for weight in network.parameters()]
    try:
        # Not `eval`: some networks override it, and each part's own mode must be restored.
        for part, _ in modes:
            part.training = False
        for weight, _ in trained:
            weight.requires_grad_(False)
        with torch.enable_grad():
            yield
    finally:
        for part, mode in modes:
            part.training = mode
        for weight, requires_grad in trained:
            weight.requires_grad_(requires_grad)
