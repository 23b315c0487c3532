"""The scales and crops in which a detector sees a picture, and the merging of what it detects in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torchvision.ops import box_iou

from emotionart.data.persons.detector import MAX_PERSONS

_MULTIPLE = 32  # YOLO requires sides that are multiples of this
_GREY = 114  # grey level of the padding in YOLO's training
_SAME = 0.5  # intersection over union above which two boxes are the same person


@dataclass(frozen=True)
class Look:
    """One scale and crop of a picture.

    Attributes:
        side: longer side of the resized crop in pixels.
        part: fraction of the picture's height that is kept, from the top.
    """

    side: int
    part: float = 1.0


LOOKS = (Look(448), Look(224), Look(320, part=0.6))
"""The picture large and small, as the person in a portrait fills it, and its upper part, where the face is."""


@dataclass(frozen=True)
class Letterbox:
    """A picture in one look, resized and padded with grey.

    Attributes:
        look: the look.
        pixels: (h, w, 3) uint8 sRGB, sides multiples of 32.
        corner: left and upper edge of the picture within the padding, in pixels.
        size: width and height of the picture within the padding, in pixels.
    """

    look: Look
    pixels: NDArray[np.uint8]
    corner: tuple[int, int]
    size: tuple[int, int]

    def to_picture(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """(k, 5) boxes as fractions of the whole picture, from boxes in pixels of the letterbox; k <= `MAX_PERSONS`."""
        placed = np.array(boxes[:MAX_PERSONS], np.float32)
        corner, size = np.tile(self.corner, 2), np.tile(self.size, 2)
        placed[:, :4] = np.clip((placed[:, :4] - corner) / size, 0, 1)
        placed[:, [1, 3]] *= self.look.part
        return placed


def letterbox(picture: NDArray[np.uint8], look: Look) -> Letterbox:
    """A picture (h, w, 3) uint8 in one look."""
    picture = picture[: max(1, round(look.part * len(picture)))]
    height, width = picture.shape[:2]
    scale = look.side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    resized = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    padded = [-(-side // _MULTIPLE) * _MULTIPLE for side in size]
    left, top = (padded[0] - size[0]) // 2, (padded[1] - size[1]) // 2
    pixels = np.full((padded[1], padded[0], 3), _GREY, np.uint8)
    pixels[top : top + size[1], left : left + size[0]] = resized
    return Letterbox(look, pixels, (left, top), size)


def merge_looks(looks: Sequence[tuple[float, NDArray[np.float32]]]) -> NDArray[np.float32]:
    """(MAX_PERSONS, 5) persons from several looks at a picture, without duplicates, highest score first.

    A person detected in several looks keeps the box of the first one and the highest score. Boxes are compared within
    the later look's part of the picture, whose lower edge cuts them off.

    Args:
        looks: for each look, the fraction of the picture's height that it covers and its (k, 5) boxes.
    """
    merged = np.empty((0, 5), np.float32)
    for part, boxes in looks:
        before = merged[:, :4].copy()
        before[:, [1, 3]] = np.minimum(before[:, [1, 3]], part)
        overlap = box_iou(torch.from_numpy(boxes[:, :4]), torch.from_numpy(before)).numpy()
        same = overlap > _SAME
        for index in np.flatnonzero(same.any(axis=0)):
            merged[index, 4] = max(merged[index, 4], boxes[same[:, index], 4].max())
        merged = np.concatenate([merged, boxes[~same.any(axis=1)]])
    persons = np.zeros((MAX_PERSONS, 5), np.float32)
    surest = merged[np.argsort(-merged[:, 4], kind="stable")][:MAX_PERSONS]
    persons[: len(surest)] = surest
    return persons
