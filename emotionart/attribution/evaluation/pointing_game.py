"""The pointing game: where maps peak, for pictures with a known location of the cue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from emotionart.statistics.estimate import clustered_mean
from emotionart.statistics.significance import smallest_p

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Pointing:
    """Agreement of maps with masks.

    Attributes:
        hit: (n,) whether the map's maximum lies in the mask (pointing game: Zhang et al. 2016).
        energy: (n,) share of the map's positive part that lies in the mask (Wang et al. 2020).
        chance: (n,) fraction of the picture covered by the mask: the expectation of both for an uninformative map.
    """

    hit: NDArray[np.bool_]
    energy: Array
    chance: Array

    def summary(self, group: NDArray[np.intp]) -> dict[str, float]:
        """Means, the 95 % interval of the hit rate, and its two-sided p-value against chance.

        The p-value is at least `smallest_p` of the groups: hits without exception have no variance to be tested with.

        Args:
            group: (n,) numbers from 0 of the groups of dependent pictures.
        """
        hit = self.hit.astype(np.float64)
        low, high = clustered_mean(hit, group).interval(0, 1)
        return {
            "n": len(self.hit),
            "pointing": float(self.hit.mean()),
            "pointing_low": low,
            "pointing_high": high,
            "energy": float(self.energy.mean()),
            "chance": float(self.chance.mean()),
            "p_value": max(clustered_mean(hit - self.chance, group).p_value(), smallest_p(group)),
        }


def pointing(maps: Tensor, masks: NDArray[np.bool_]) -> Pointing:
    """The pointing game and the energy inside masks.

    Args:
        maps: (n, h, w) signed maps.
        masks: (n, H, W) masks of the cue; none may be empty.
    """
    size = masks.shape[1:]
    fine = F.interpolate(maps[:, None].float(), size=size, mode="bilinear", align_corners=False)[:, 0].cpu().numpy()
    flat, inside = fine.reshape(len(fine), -1), masks.reshape(len(masks), -1)
    positive = np.maximum(flat, 0).astype(np.float64)
    total = positive.sum(axis=1)
    # A map without positive values has an energy of 0.
    energy = np.divide((positive * inside).sum(axis=1), total, out=np.zeros(len(total)), where=total > 0)
    return Pointing(inside[np.arange(len(flat)), flat.argmax(axis=1)], energy, inside.mean(axis=1))
