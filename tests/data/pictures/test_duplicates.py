import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance
from scipy.sparse.csgraph import connected_components

from emotionart.config.compose import compose
from emotionart.data.pictures.copies import grey_square
from emotionart.data.pictures.duplicates import describe_duplicates, duplicate_clusters, near_duplicates
from emotionart.data.pictures.perceptual_hash import perceptual_hash
from tests.conftest import SHARED
from tests.data.pictures.test_copies import natural

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
        "squashed": image.resize((128, 128)),
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


def test_clusters_join_what_the_hash_and_what_the_search_for_copies_find(tmp_path: Path) -> None:
    one, other, alone = natural(3)
    mirrored = one.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    pictures = [one, other, mirrored, mirrored.resize((100, 60)), alone, other]
    id = np.array(["a", "b", "c", "d", "e", "b"], dtype=object)
    phash = np.array([perceptual_hash(picture) for picture in pictures], dtype=np.uint64)
    squares = np.stack([grey_square(picture) for picture in pictures])
    found = duplicate_clusters(id, phash, squares, 4, tmp_path)
    expected = np.array([0, 1, 0, 0, 2, 1])
    assert ((found[:, None] == found) == (expected[:, None] == expected)).all()
    assert len(set(duplicate_clusters(id, phash, squares, None, tmp_path))) == 6
    order = np.array([3, 5, 0, 4, 2, 1])
    again = duplicate_clusters(id[order], phash[order], np.zeros_like(squares), 4, tmp_path)  # copies are stored
    assert ((again[:, None] == again) == (expected[order][:, None] == expected[order])).all()


def test_pictures_that_cannot_be_read_are_like_no_other(tmp_path: Path) -> None:
    nothing = np.array(["", "", "a"], dtype=object)
    found = duplicate_clusters(nothing, np.zeros(3, np.uint64), np.zeros((3, 72, 72), np.uint8), 4, tmp_path)
    assert len(set(found)) == 3


def test_many_copies_are_told_with_the_ways_out() -> None:
    few = describe_duplicates(np.array([*range(18), 0, 0]))
    assert few.startswith("2 of 20 pictures are copies of others, in 1 groups")
    assert "keep one" not in few
    many = describe_duplicates(np.array([*range(17), 0, 0, 3]))
    assert many.startswith("3 of 20 pictures are copies of others, in 2 groups")
    assert "data.group=COLUMN" in many
    assert "keep one picture of each" in many
    assert describe_duplicates(np.arange(9)).startswith("no picture is a copy of another (looked for: another size")
