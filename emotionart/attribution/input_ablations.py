"""Pictures combined from two, to test whether a network's predictions depend on global or on local cues.

Global cues are everywhere: colour, light and the strength of texture. Local cues have a location: shapes and objects.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from torch import Tensor

_WIDTH = 0.2  # standard deviation of the blur relative to the side: objects are smaller, layout and light are not
_BLACK = 0.02  # values are clipped to this and to one minus this, where logits would grow beyond all bounds
_FAINT = 4 / 255  # contrast that is not amplified: about one grey level, in logits


def combining(pictures: Tensor) -> Callable[[NDArray[np.intp]], Tensor]:
    """Function from partners (n,) to the pictures with their own local cues and the global cues of their partners.

    A partner gives its blurred colour and light, the picture its detail, which carries the shapes, at the partner's
    contrast in each channel. This is done in logits of the values, so that detail stays visible on light and dark. A
    picture combined with itself stays the same, but for the clipping of black and white.

    Args:
        pictures: (n, 3, H, W) in 0..1.

    Returns:
        A function from positions (n,) in `pictures` to pictures (n, 3, H, W) in 0..1.
    """
    logits, (height, width) = torch.logit(pictures, _BLACK), pictures.shape[2:]
    soft = gaussian_filter(logits.numpy(), (0, 0, _WIDTH * height, _WIDTH * width), mode="mirror")
    areas = torch.from_numpy(soft)
    contrast = (logits - areas).std((2, 3), keepdim=True).clamp_min(_FAINT)
    shapes = (logits - areas) / contrast

    def combine(partner: NDArray[np.intp]) -> Tensor:
        other = torch.from_numpy(partner)
        return torch.sigmoid(areas[other] + shapes * contrast[other])

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
