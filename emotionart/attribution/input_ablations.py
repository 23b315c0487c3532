"""Pictures with only their global or local cues, to test which of them a network's predictions depend on.

Global cues are everywhere: colour, light and texture. Local cues have a location: shapes and objects.
"""

from __future__ import annotations

import torch
from torch import Tensor

from emotionart.attribution.removal import blurred
from emotionart.features.hue import LUMA_WEIGHTS


def global_cues(pictures: Tensor, seed: int = 0) -> Tensor:
    """Pictures (n, 3, H, W) in 0..1 without shapes: blurred colour and light, with the texture of the detail.

    The detail removed by the blur keeps its spectrum, but gets random phases, since phases carry the shapes (Oppenheim
    and Lim 1981; as a model of texture: Galerne, Gousseau and Morel 2011). All channels of a picture get the same
    phases, which preserves colours; each picture gets different ones, so that the noise does not reveal where an object
    was.

    Args:
        pictures: (n, 3, H, W) in 0..1.
        seed: seed of the phases.
    """
    areas, size = blurred(pictures), pictures.shape[2:]
    noise = torch.rand(len(pictures), 1, *size, generator=torch.Generator().manual_seed(seed))
    spectrum = torch.fft.rfft2(noise)
    texture: Tensor = torch.fft.irfft2(torch.fft.rfft2(pictures - areas) * spectrum / spectrum.abs(), s=size)
    return (areas + texture).clamp(0, 1)


def local_cues(pictures: Tensor, seed: int = 0) -> Tensor:
    """Pictures (n, 3, H, W) in 0..1 with their own shapes, but the colour and light of other pictures.

    Grey detail, scaled to another picture's contrast, is added to that picture's blurred colour and light. These carry
    no information, but are familiar to the network; on a uniform grey, which it never saw, it might fail for that
    reason. A single other picture may mislead: average the predictions over several seeds.

    Args:
        pictures: (n, 3, H, W) in 0..1, of all classes.
        seed: seed of the assignment of other pictures.
    """
    areas = blurred(pictures)
    luma = torch.einsum("nchw,c->nhw", pictures - areas, torch.tensor(LUMA_WEIGHTS).to(pictures))[:, None]
    contrast = luma.std((1, 2, 3), keepdim=True).clamp_min(1e-6)
    order = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(seed))
    other = torch.empty_like(order)
    other[order] = order.roll(1)
    return (areas[other] + luma / contrast * contrast[other]).clamp(0, 1)
