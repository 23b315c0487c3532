"""Real and flat pictures that the tests of the features share."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]

PORTRAITS = Path(__file__).parents[3] / "shared" / "data" / "portraits" / "images"

FLAT = [(0, 0, 0), (255, 255, 255), (128, 128, 128), (255, 0, 0), (1, 2, 3)]

FLIPS: dict[str, Callable[[Picture], Picture]] = {
    "left to right": lambda picture: picture[:, ::-1],
    "upside down": lambda picture: picture[::-1],
}


def flat(colour: tuple[int, int, int], height: int = 40, width: int = 30) -> Picture:
    return np.full((height, width, 3), colour, np.uint8)


def photographs() -> list[Picture]:
    """Scikit-image's own, of odd sizes that no side divides."""
    names = ("astronaut", "chelsea", "coffee", "rocket")
    return [np.asarray(Image.fromarray(getattr(skimage.data, name)()).resize((211, 173))) for name in names]


def portraits(count: int) -> list[Picture]:
    """Evenly drawn from the shared portraits; skips the test where they are missing."""
    if not PORTRAITS.is_dir():
        pytest.skip(f"no portraits at {PORTRAITS}")
    paths = sorted(PORTRAITS.iterdir())
    return [np.asarray(Image.open(path).convert("RGB")) for path in paths[:: len(paths) // count][:count]]
