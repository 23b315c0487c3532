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

_BLUR = 0.2  # standard deviation of the blur relative to the side: larger than objects, smaller than the layout
_CLIP = 0.02  # values are clipped to this and to one minus this, as logits diverge at 0 and 1
_LEAST_CONTRAST = 4 / 255  # contrast in logits, about one grey level, below which detail is not amplified


def cue_combiner(pictures: Tensor) -> Callable[[NDArray[np.intp]], Tensor]:
    """A function that combines the local cues of pictures with the global cues of their partners.

    Colour and light are the partner's blurred picture. Shapes are the picture's own detail, scaled to the partner's
    contrast in each channel. Both are added as logits of the values, so that detail stays visible in light and dark
    areas. A picture combined with itself does not change, except for the clipping.

    Args:
        pictures: (n, 3, H, W) in 0..1.

    Returns:
        A function from each picture's partner, positions (n,) in `pictures`, to pictures (n, 3, H, W) in 0..1.
    """
    logits, (height, width) = torch.logit(pictures, _CLIP), pictures.shape[2:]
    blurred = torch.from_numpy(gaussian_filter(logits.numpy(), (0, 0, _BLUR * height, _BLUR * width), mode="mirror"))
    contrast = (logits - blurred).std((2, 3), keepdim=True).clamp_min(_LEAST_CONTRAST)
    detail = (logits - blurred) / contrast

    def combine(partner: NDArray[np.intp]) -> Tensor:
        other = torch.from_numpy(partner)
        return torch.sigmoid(blurred[other] + detail * contrast[other])

    return combine


def draw_partners(group: NDArray[np.int64], seed: int) -> NDArray[np.intp]:
    """(n,) a random partner for each of n pictures, from its own group; itself only if the group has no other.

    Each picture is the partner of exactly one.

    Args:
        group: (n,) group of each picture.
        seed: seed of the draw.
    """
    generator = np.random.default_rng(seed)
    partner = np.arange(len(group))
    for value in np.unique(group):
        members = generator.permutation(np.flatnonzero(group == value))
        partner[members] = np.roll(members, 1)
    return partner
