"""What a discriminator is shown."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class DiscriminatorInput(NamedTuple):
    """Real or generated pictures.

    Attributes:
        pictures: (B, 3, s, s) in -1..1.
        classes: (B,), None where they are not known or do not matter.
    """

    pictures: Tensor
    classes: Tensor | None
