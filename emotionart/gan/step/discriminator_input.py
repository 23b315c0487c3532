"""The input of a discriminator."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class DiscriminatorInput(NamedTuple):
    """Real or generated pictures and their classes.

    Attributes:
        pictures: (B, 3, s, s) in -1..1.
        classes: (B,), None if unknown or unused.
    """

    pictures: Tensor
    classes: Tensor | None
