"""What a network does when the places that a map names are taken away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from emotionart.attribution.network import class_probabilities, undisturbed
from emotionart.attribution.removal import Removal

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Curves:
    """What remains of a class's probability as places are taken from a picture.

    Attributes:
        share: (T,) of the picture's places, 0 to 1.
        deletion: (n, T) probability without the places that the map ranks highest.
        insertion: (n, T) probability with these places alone.
    """

    share: Array
    deletion: Array
    insertion: Array

    def areas(self) -> tuple[Array, Array]:
        """Areas (n,) under each artwork's curves; of a good map small for deletion, large for insertion."""
        return tuple(np.trapezoid(curve, self.share, axis=1) for curve in (self.deletion, self.insertion))  # type: ignore[return-value]

    def score(self) -> Array:
        """Insertion less deletion (n,): how much more the highest places matter than the lowest."""
        deletion, insertion = self.areas()
        return insertion - deletion


def curves(
    network: nn.Module, pictures: Tensor, maps: Tensor, classes: Tensor, remove: Removal, steps: int = 10
) -> Curves:
    """Deletion and insertion curves (Petsiuk, Das and Saenko 2018).

    Removing the most relevant first and the least relevant first, as ROAD has it, are the same two curves, the second
    read backwards. A place is a cell of the map, so that maps that are to be compared must have as many.

    Args:
        network: from pictures (B, 3, H, W) in 0..1 to logits.
        pictures: (n, 3, H, W).
        maps: (n, h, w), any scale.
        classes: (n,) whose probability is watched.
        remove: places from these pictures.
        steps: equal shares in which places are changed.
    """
    share = np.linspace(0, 1, steps + 1)
    deletion, insertion = [], []
    with undisturbed(network), torch.no_grad():
        for part in share:
            highest = _highest(maps, float(part))
            mask = F.interpolate(highest[:, None].float(), size=pictures.shape[2:], mode="nearest")[:, 0].bool()
            deletion.append(_probability(network, remove(mask), classes))
            insertion.append(_probability(network, remove(~mask), classes))
    return Curves(share, np.stack(deletion, 1), np.stack(insertion, 1))


def _highest(maps: Tensor, share: float) -> Tensor:
    """The cells (n, h, w) with the highest values that make up a share of each map; ties fall in reading order."""
    flat = maps.flatten(1)
    count = round(share * flat.shape[1])
    order = torch.argsort(flat, dim=1, descending=True, stable=True)
    chosen = torch.zeros_like(flat, dtype=torch.bool)
    chosen.scatter_(1, order[:, :count], True)
    return chosen.view(maps.shape)


def _probability(network: nn.Module, pictures: Tensor, classes: Tensor) -> Array:
    return class_probabilities(network, pictures).gather(1, classes.cpu()[:, None])[:, 0].numpy()
