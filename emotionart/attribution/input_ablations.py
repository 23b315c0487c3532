"""Pictures with their global or their local cues alone, to see on which of them a network's answer hangs.

Global cues are everywhere: colour, light and texture. Local ones have a place: shapes and things.
"""

from __future__ import annotations

import torch
from torch import Tensor

from emotionart.attribution.removal import blurred
from emotionart.features.hue import LUMA_WEIGHTS


def global_cues(pictures: Tensor, seed: int = 0) -> Tensor:
    """Pictures (n, 3, H, W) without shapes: colour and light where they are, and the texture of the detail.

    The detail beyond the blur keeps its spectrum and loses its phases, which carry the shapes (Oppenheim and Lim 1981;
    as a model of texture: Galerne, Gousseau and Morel 2011). All channels of a picture get the same ones, so that
    colours stay; each picture gets others, so that where a thing was cannot be told from where its noise is.

    Args:
        pictures: in 0..1.
        seed: of the phases.
    """
    areas, size = blurred(pictures), pictures.shape[2:]
    noise = torch.rand(len(pictures), 1, *size, generator=torch.Generator().manual_seed(seed))
    spectrum = torch.fft.rfft2(noise)
    texture: Tensor = torch.fft.irfft2(torch.fft.rfft2(pictures - areas) * spectrum / spectrum.abs(), s=size)
    return (areas + texture).clamp(0, 1)


def local_cues(pictures: Tensor, seed: int = 0) -> Tensor:
    """Pictures (n, 3, H, W) without colour, light and texture of their own: shapes on those of other pictures.

    Grey detail, at the contrast of another picture's, is laid on that picture's areas of colour and light. These tell
    nothing, but are what a network knows: on a middle grey instead, which it never saw, it may fail for that reason.
    One picture more or less may mislead: average the answers over several seeds.

    Args:
        pictures: in 0..1, of all classes.
        seed: of who gets whose colours.
    """
    areas = blurred(pictures)
    luma = torch.einsum("nchw,c->nhw", pictures - areas, torch.tensor(LUMA_WEIGHTS).to(pictures))[:, None]
    contrast = luma.std((1, 2, 3), keepdim=True).clamp_min(1e-6)
    order = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(seed))
    other = torch.empty_like(order)
    other[order] = order.roll(1)
    return (areas[other] + luma / contrast * contrast[other]).clamp(0, 1)
