"""Where maps point, on pictures in which it is known where the cue is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest
from torch import Tensor
from torch.nn import functional as F

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Pointing:
    """How well maps find masks.

    Attributes:
        hit: (n,) whether the highest place of the map lies in the mask (Zhang et al. 2016: the pointing game).
        energy: (n,) share of the map's positive part that lies in the mask (Wang et al. 2020).
        chance: (n,) share of the picture that the mask covers: the expectation of both under a map that knows nothing.
    """

    hit: NDArray[np.bool_]
    energy: Array
    chance: Array

    def summary(self) -> dict[str, float]:
        """Means, the 95 % interval of the hits (Clopper and Pearson), and the probability of as many hits by chance."""
        test = binomtest(int(self.hit.sum()), len(self.hit), float(self.chance.mean()), alternative="greater")
        interval = binomtest(int(self.hit.sum()), len(self.hit)).proportion_ci(0.95)
        return {
            "n": len(self.hit),
            "pointing": float(self.hit.mean()),
            "pointing_low": float(interval.low),
            "pointing_high": float(interval.high),
            "energy": float(self.energy.mean()),
            "chance": float(self.chance.mean()),
            "p_value": float(test.pvalue),
        }


def pointing(maps: Tensor, masks: NDArray[np.bool_]) -> Pointing:
    """The pointing game and the energy inside masks.

    Args:
        maps: (n, h, w) signed.
        masks: (n, H, W) where the cue is; none may be empty.
    """
    size = masks.shape[1:]
    fine = F.interpolate(maps[:, None].float(), size=size, mode="bilinear", align_corners=False)[:, 0].cpu().numpy()
    flat, inside = fine.reshape(len(fine), -1), masks.reshape(len(masks), -1)
    positive = np.maximum(flat, 0).astype(np.float64)
    total = positive.sum(axis=1)
    # A map that speaks for its class nowhere has no energy to be right with.
    energy = np.divide((positive * inside).sum(axis=1), total, out=np.zeros(len(total)), where=total > 0)
    return Pointing(inside[np.arange(len(flat)), flat.argmax(axis=1)], energy, inside.mean(axis=1))
