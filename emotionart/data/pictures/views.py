"""Views of a picture: identity, mirror image, rotations.

There are finitely many, so that features of each view can be computed once and stored. Blur is not among them, since
it destroys texture, on which a picture's emotion depends.
"""

import math
from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from emotionart.errors import UserError, suggest

Picture = NDArray[np.uint8]
View = Callable[[Picture], Picture]

NAMES = ("identity", "flip", "rotate:<degrees>")


def rotate(picture: Picture, degrees: float) -> Picture:
    """The picture (h, w, 3) rotated counter-clockwise about its centre; corners are filled by reflection."""
    if degrees % 90 == 0 and (picture.shape[0] == picture.shape[1] or degrees % 180 == 0):
        return np.ascontiguousarray(np.rot90(picture, int(degrees // 90)))
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    turned = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return turned.astype(np.uint8, copy=False)


def _number(text: str) -> float:
    """The number in a text, or NaN."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def parse_view(name: str) -> View:
    """The function of a named view.

    Args:
        name: `identity`, `flip` (left to right), or `rotate:<degrees>`, such as `rotate:-8`.

    Raises:
        UserError: for any other name.
    """
    kind, _, argument = name.partition(":")
    if name == "identity":
        return lambda picture: picture
    if name == "flip":
        return lambda picture: np.ascontiguousarray(picture[:, ::-1])
    if kind == "rotate":
        degrees = _number(argument)
        if math.isfinite(degrees):
            return lambda picture: rotate(picture, degrees)
    raise UserError(
        f"There is no view {name!r}.",
        where="augment.views",
        suggestions=suggest(name, NAMES) or NAMES,
        fix="augment.views='[identity, flip, \"rotate:8\"]'",
    )


def parse_views(names: Sequence[str]) -> tuple[View, ...]:
    """The functions of several views; the first must be the identity, which is used in testing.

    Raises:
        UserError: for an unknown name, or a list that does not start with `identity`.
    """
    if not names or names[0] != "identity":
        raise UserError(
            f"The first view must be 'identity', not {names[0]!r}." if names else "There must be at least one view.",
            where="augment.views",
            fix="augment.views='[identity, flip]'",
        )
    return tuple(parse_view(name) for name in names)
