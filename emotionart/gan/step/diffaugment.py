"""Differentiable augmentation of real and generated pictures (DiffAugment: Zhao et al. 2020).

Both kinds are augmented in the same way, so that the discriminator cannot memorise a small data set, and gradients
flow through to the generator. Each augmentation is a function of the pictures and of random draws; pictures are
(B, 3, H, W) in -1..1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from emotionart.data.share import ALONE, BatchShare

Change = Literal["colour", "translation", "cutout"]

SHIFT = 1 / 8
"""Largest translation, relative to the picture's side."""


def colour(pictures: Tensor, brightness: Tensor, saturation: Tensor, contrast: Tensor) -> Tensor:
    """Shifts the brightness, then scales the saturation about grey, then the contrast about the picture's mean.

    Args:
        pictures: (B, 3, H, W).
        brightness: (B,) shifts.
        saturation, contrast: (B,) factors, 1 for no change.
    """
    brightness, saturation, contrast = (
        draw.view(-1, 1, 1, 1).to(pictures) for draw in (brightness, saturation, contrast)
    )
    pictures = pictures + brightness
    grey = pictures.mean(1, keepdim=True)
    pictures = torch.lerp(grey, pictures, saturation)
    mean = pictures.mean((1, 2, 3), keepdim=True)
    return torch.lerp(mean, pictures, contrast)


def translate(pictures: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """Shifts each picture by whole pixels, and fills with mid-grey, 0.

    Args:
        pictures: (B, 3, H, W).
        down, right: (B,) whole numbers of pixels.
    """
    batch, _, height, width = pictures.shape
    rows = torch.arange(height, device=pictures.device) - down.view(-1, 1)
    columns = torch.arange(width, device=pictures.device) - right.view(-1, 1)
    # A border of one zero pixel, to which all outside positions are clamped.
    padded = F.pad(pictures, (1, 1, 1, 1)).permute(0, 2, 3, 1)
    rows, columns = (rows + 1).clamp(0, height + 1), (columns + 1).clamp(0, width + 1)
    which = torch.arange(batch, device=pictures.device).view(-1, 1, 1)
    return padded[which, rows.unsqueeze(2), columns.unsqueeze(1)].permute(0, 3, 1, 2)


def cut_out(pictures: Tensor, top: Tensor, left: Tensor, height: int, width: int) -> Tensor:
    """Sets a rectangle of each picture to 0; the rectangle may reach beyond the picture.

    Args:
        pictures: (B, 3, H, W).
        top, left: (B,) position of the rectangle, in pixels.
        height, width: size of the rectangle, in pixels; 0 cuts nothing.
    """
    rows = torch.arange(pictures.shape[2], device=pictures.device) - top.view(-1, 1)
    columns = torch.arange(pictures.shape[3], device=pictures.device) - left.view(-1, 1)
    hidden = ((rows >= 0) & (rows < height)).unsqueeze(2) & ((columns >= 0) & (columns < width)).unsqueeze(1)
    return pictures * (~hidden).unsqueeze(1)


def augment(
    pictures: Tensor,
    changes: Sequence[Change],
    cutout: float,
    probability: Tensor | None = None,
    share: BatchShare = ALONE,
) -> Tensor:
    """Augments each picture at random, with torch's random generator of its device.

    Args:
        pictures: (B, 3, H, W).
        changes: augmentations in the order of application.
        cutout: side of the cut square, relative to the picture's side.
        probability: scalar probability of each augmentation for each picture; None applies them all.
        share: the part of a batch that the pictures are.
    """
    whole = share.whole(len(pictures))
    for name in changes:
        changed = _DRAWN[name](pictures, cutout, share)
        if probability is not None:
            drawn = share.of(torch.rand(whole, 1, 1, 1, device=pictures.device)) < probability
            changed = torch.where(drawn, changed, pictures)
        pictures = changed
    return pictures


def _drawn_colour(pictures: Tensor, cutout: float, share: BatchShare) -> Tensor:
    drawn = torch.rand(3, share.whole(len(pictures)), device=pictures.device)
    brightness, saturation, contrast = share.of(drawn, 1)
    return colour(pictures, brightness - 0.5, 2 * saturation, contrast + 0.5)


def _drawn_translation(pictures: Tensor, cutout: float, share: BatchShare) -> Tensor:
    count, _, height, width = pictures.shape
    down, right = (
        _integers(-round(side * SHIFT), round(side * SHIFT), count, pictures.device, share) for side in (height, width)
    )
    return translate(pictures, down, right)


def _drawn_cutout(pictures: Tensor, cutout: float, share: BatchShare) -> Tensor:
    count, _, height, width = pictures.shape
    cut = round(height * cutout), round(width * cutout)
    top, left = (
        _integers(0, side, count, pictures.device, share) - part // 2
        for side, part in zip((height, width), cut, strict=True)
    )
    return cut_out(pictures, top, left, *cut)


def _integers(low: int, high: int, count: int, device: torch.device, share: BatchShare) -> Tensor:
    """(count,) random integers from `low` to `high`, both included."""
    return share.of(torch.randint(low, high + 1, (share.whole(count),), device=device))


_DRAWN: dict[str, Callable[[Tensor, float, BatchShare], Tensor]] = {
    "colour": _drawn_colour,
    "translation": _drawn_translation,
    "cutout": _drawn_cutout,
}
