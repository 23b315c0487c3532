"""The input of a discriminator."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from emotionart.data.share import ALONE, BatchShare


class DiscriminatorInput(NamedTuple):
    """Real or generated pictures and their classes.

    Attributes:
        pictures: (B, 3, s, s) in -1..1.
        classes: (B,), None if unknown or unused.
        share: the part of a batch that they are.
    """

    pictures: Tensor
    classes: Tensor | None
    share: BatchShare = ALONE
