import numpy as np
import pytest
import torch
from PIL import Image

from emotionart.data.pictures.fit import resize
from emotionart.export.resize import PillowResize

WIDE = [(1, 1), (16, 16), (7, 300), (90, 95), (97, 191), (33, 192), (250, 260), (400, 404), (5, 1000)]
TALL = [(333, 111), (500, 192), (640, 427), (1000, 40)]


def compare(size: int, sides: tuple[int, int], contrast: bool) -> np.ndarray:
    """Differences in grey levels between the layer and Pillow, on two pictures of noise."""
    pictures = np.random.default_rng(0).integers(0, 256, (2, *sides, 3), dtype=np.uint8)
    if contrast:  # where the filter overshoots
        pictures = np.where(pictures > 127, np.uint8(255), np.uint8(0))
    expected = np.stack([resize(Image.fromarray(picture), size) for picture in pictures])
    return np.abs(PillowResize(size)(torch.from_numpy(pictures)).numpy() - expected.astype(int))


@pytest.mark.parametrize("size", [16, 45])
@pytest.mark.parametrize("contrast", [False, True], ids=["noise", "black and white"])
def test_pictures_are_resized_as_pillow_resizes_them_bit_for_bit(size: int, contrast: bool) -> None:
    for sides in WIDE:
        assert compare(size, sides, contrast).max() == 0, sides


def test_whichever_side_pillow_filters_first_upright_pictures_differ_by_rounding() -> None:
    for sides in TALL:
        assert compare(64, sides, contrast=False).max() <= 2, sides
