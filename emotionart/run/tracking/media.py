"""Pictures for W&B, small enough for projects of hundreds of runs; the originals are in the run folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    import wandb

_AS_IT_IS = 100_000  # bytes
_LONGEST, _LONGEST_IN_TABLE = 1024, 128  # pixels


def figure_image(figure: Path) -> wandb.Image:
    """A figure unchanged up to 100 kB; a larger one, with pictures, as JPEG of at most 1024 pixels per side."""
    import wandb

    if figure.stat().st_size <= _AS_IT_IS:
        return wandb.Image(str(figure))
    with Image.open(figure) as picture:
        return _jpeg(picture, _LONGEST)


def cell_image(pixels: NDArray[np.uint8]) -> wandb.Image:
    """A table's picture (h, w, 3) as JPEG of at most 128 pixels per side."""
    return _jpeg(Image.fromarray(pixels), _LONGEST_IN_TABLE)


def _jpeg(picture: Image.Image, longest: int) -> wandb.Image:
    import wandb

    small = picture.convert("RGB")
    small.thumbnail((longest, longest))
    return wandb.Image(small, file_type="jpg")
