"""Pictures reduced to their global or to their local cues, to see on which of them a network's answer hangs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from emotionart.attribution.faithfulness import blurred

_PATCHES = 8  # a side
_LUMA = (0.299, 0.587, 0.114)


def shuffled(pictures: Tensor, seed: int = 0) -> Tensor:
    """Pictures (n, 3, H, W) cut into 8 x 8 patches that change places: palette, brush and texture stay, things do not.

    Pixels beyond the last whole patch are left out, and the picture is stretched to its size again.
    """
    height, width = pictures.shape[2:]
    rows, columns = height // _PATCHES, width // _PATCHES
    patches = F.unfold(pictures[..., : rows * _PATCHES, : columns * _PATCHES], (rows, columns), stride=(rows, columns))
    order = torch.randperm(_PATCHES**2, generator=torch.Generator().manual_seed(seed))
    whole = F.fold(patches[:, :, order], (rows * _PATCHES, columns * _PATCHES), (rows, columns), stride=(rows, columns))
    return F.interpolate(whole, size=(height, width), mode="nearest") if whole.shape != pictures.shape else whole


def grey(pictures: Tensor) -> Tensor:
    """Pictures without colour: luma in all three channels; shapes and texture stay."""
    luma = torch.einsum("nchw,c->nhw", pictures, torch.tensor(_LUMA).to(pictures))
    return luma[:, None].expand_as(pictures).contiguous()


def texture(pictures: Tensor) -> Tensor:
    """Grey pictures without large areas of light and dark: detail around middle grey."""
    luma = grey(pictures)
    return (0.5 + luma - blurred(luma)).clamp(0, 1)


INPUT_ABLATIONS: Mapping[str, tuple[str, Callable[[Tensor], Tensor]]] = {
    "blurred": ("global", blurred),
    "shuffled": ("global", shuffled),
    "grey": ("local", grey),
    "texture": ("local", texture),
}
"""Name of each reduction, the cues that it keeps, and the function."""
