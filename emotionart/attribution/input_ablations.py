"""Pictures combined from two, to test whether a network's predictions depend on global or on local cues.

Global cues are everywhere: colour, light and the strength of texture. Local cues have a location: shapes and objects.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from emotionart.attribution.removal import blurred

_FAINT = 1 / 255  # contrast that is not amplified, as it is only rounding


def combining(pictures: Tensor) -> Callable[[NDArray[np.intp]], Tensor]:
    """Function from partners (n,) to the pictures with their own local cues and the global cues of their partners.

    A partner gives its blurred colour and light, the picture its detail, which carries the shapes, at the partner's
    contrast in each channel. A picture combined with itself stays the same.

    Args:
        pictures: (n, 3, H, W) in 0..1.

    Returns:
        A function from positions (n,) in `pictures` to pictures (n, 3, H, W) in 0..1.
    """
    areas = blurred(pictures)
    contrast = (pictures - areas).std((2, 3), keepdim=True).clamp_min(_FAINT)
    shapes = (pictures - areas) / contrast

    def combine(partner: NDArray[np.intp]) -> Tensor:
        other = torch.from_numpy(partner)
        return (areas[other] + shapes * contrast[other]).clamp(0, 1)

    return combine


def draw_partners(group: NDArray[np.int64], seed: int) -> NDArray[np.intp]:
    """(n,) a random partner for each of n pictures, from its own group; itself only if the group has no other.

    Each picture is the partner of exactly one.

    Args:
        group: (n,) group of each picture.
        seed: seed of the draw.
    """
    draw = np.random.default_rng(seed)
    partner = np.arange(len(group))
    for value in np.unique(group):
        members = draw.permutation(np.flatnonzero(group == value))
        partner[members] = np.roll(members, 1)
    return partner
