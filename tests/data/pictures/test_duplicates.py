import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance
from scipy.sparse.csgraph import connected_components

from emotionart.config.compose import compose
from emotionart.data.pictures.decode import perceptual_hash
from emotionart.data.pictures.duplicates import near_duplicates
from tests.conftest import SHARED

PORTRAITS = SHARED / "data/portraits/images"


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=30), st.integers(0, 12), st.randoms())
def test_clusters_are_those_of_comparing_all_pairs(hashes: list[int], distance: int, random) -> None:
    for _ in range(10):  # make neighbours, which random numbers are not
        changed = random.choice(hashes)
        for bit in random.sample(range(64), random.randint(0, distance + 2)):
            changed ^= 1 << bit
        hashes.append(changed)
    phash = np.array(hashes, dtype=np.uint64)
    near = np.bitwise_count(phash[:, None] ^ phash[None]) <= distance
    expected = connected_components(near, directed=False)[1]
    found = near_duplicates(phash, distance)
    assert ((found[:, None] == found[None]) == (expected[:, None] == expected[None])).all()


@pytest.fixture
def portraits() -> list[Image.Image]:
    if not PORTRAITS.exists():
        pytest.skip("the shared portraits are not beside the checkout")
    return [Image.open(path).convert("RGB") for path in sorted(PORTRAITS.iterdir())[::60]]


def copies(image: Image.Image) -> dict[str, Image.Image]:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=40)
    return {
        "compressed": Image.open(file),
        "larger": image.resize((2 * image.width, 2 * image.height)),
        "smaller": image.resize((image.width // 2, image.height // 2)),
        "brighter": ImageEnhance.Brightness(image).enhance(1.08),
    }


def test_copies_of_real_pictures_are_found_and_other_pictures_are_not(portraits: list[Image.Image]) -> None:
    distance = compose(["data=folder", "data.path=x"]).config.data.near_duplicates
    own = np.array([perceptual_hash(image) for image in portraits], dtype=np.uint64)
    for kind in copies(portraits[0]):
        copied = np.array([perceptual_hash(copies(image)[kind]) for image in portraits], dtype=np.uint64)
        assert (np.bitwise_count(own ^ copied) <= distance).mean() > 0.9, kind
    assert len(set(near_duplicates(own, distance))) == len(portraits)


def test_flat_pictures_are_copies_of_each_other() -> None:
    hashes = [perceptual_hash(Image.new("RGB", (50, 40), colour)) for colour in ("white", "black", "red")]
    assert len(set(hashes)) == 1
