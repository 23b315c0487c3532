"""Faithfulness of maps: a network's response to removing the regions that a map ranks highest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from emotionart.attribution.evaluation.removal import Removal
from emotionart.attribution.network import class_probabilities, undisturbed

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Curves:
    """A class's probability as regions of a picture are removed.

    Attributes:
        share: (T,) fraction of the map's cells, 0 to 1.
        deletion: (n, T) probability without the cells that the map ranks highest.
        insertion: (n, T) probability with only these cells.
    """

    share: Array
    deletion: Array
    insertion: Array

    def areas(self) -> tuple[Array, Array]:
        """(n,) areas under the deletion and the insertion curve; a good map has a small and a large one."""
        return tuple(np.trapezoid(curve, self.share, axis=1) for curve in (self.deletion, self.insertion))  # type: ignore[return-value]

    def score(self) -> Array:
        """(n,) insertion minus deletion area: how much more the highest-ranked cells matter than the lowest."""
        deletion, insertion = self.areas()
        return insertion - deletion


def removal_curves(
    network: nn.Module, pictures: Tensor, maps: Tensor, classes: Tensor, remove: Removal, steps: int = 10
) -> Curves:
    """Deletion and insertion curves (Petsiuk, Das and Saenko 2018).

    ROAD's curves, which remove the most or the least relevant first, are the same two, the second one reversed. Cells
    of the map are removed, so only maps with the same number of cells can be compared.

    Args:
        network: maps pictures (B, 3, H, W) in 0..1 to logits.
        pictures: (n, 3, H, W) in 0..1.
        maps: (n, h, w), on any scale.
        classes: (n,) classes whose probability is measured.
        remove: removal function for these pictures.
        steps: number of equal steps in which cells are removed.
    """
    share = np.linspace(0, 1, steps + 1)
    deletion, insertion = [], []
    with undisturbed(network), torch.no_grad():
        for fraction in share:
            highest = _highest(maps, float(fraction))
            mask = F.interpolate(highest[:, None].float(), size=pictures.shape[2:], mode="nearest")[:, 0].bool()
            deletion.append(_probability(network, remove(mask), classes))
            insertion.append(_probability(network, remove(~mask), classes))
    return Curves(share, np.stack(deletion, 1), np.stack(insertion, 1))


def _highest(maps: Tensor, share: float) -> Tensor:
    """(n, h, w) whether each cell is among the given fraction with the highest values; ties in reading order."""
    flat = maps.flatten(1)
    count = round(share * flat.shape[1])
    order = torch.argsort(flat, dim=1, descending=True, stable=True)
    chosen = torch.zeros_like(flat, dtype=torch.bool)
    chosen.scatter_(1, order[:, :count], True)
    return chosen.view(maps.shape)


def _probability(network: nn.Module, pictures: Tensor, classes: Tensor) -> Array:
    return class_probabilities(network, pictures).gather(1, classes.cpu()[:, None])[:, 0].numpy()
