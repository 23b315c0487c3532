from pathlib import Path

import numpy as np
import pytest

from emotionart.data.gallery.emotion import SHARES
from emotionart.data.gallery.gallery import GallerySettings, find_cues, find_mask, read_mask, write_gallery
from emotionart.data.gallery.painter import informative_cues


@pytest.mark.parametrize(("strength", "told"), [((1, 1), ("global", "local")), ((1, 0), "global"), ((0, 1), "local")])
def test_cues_that_always_follow_the_emotion_always_tell_it(strength: tuple[int, int], told: str) -> None:
    for number in range(50):
        assert set(told if isinstance(told, tuple) else (told,)) <= set(informative_cues(0, number, *strength))


def test_cues_tell_as_often_as_they_were_asked_to() -> None:
    drawn = [informative_cues(0, number, 0.7, 0.2) for number in range(2_000)]
    shares = np.mean([["global" in cues, "local" in cues] for cues in drawn], 0)
    by_luck = sum(share**2 for share in SHARES)  # that another emotion, drawn from the same shares, is the same one
    np.testing.assert_allclose(shares, [0.7 + 0.3 * by_luck, 0.2 + 0.8 * by_luck], atol=0.04)


def test_a_painting_knows_its_mask_and_its_cues_and_other_pictures_none(tmp_path: Path) -> None:
    write_gallery(tmp_path / "gallery", GallerySettings(2, size=32, global_cues=1, local_cues=0), workers=1)
    image = tmp_path / "gallery/images/000001.png"
    assert find_mask(image) == tmp_path / "gallery/masks/000001.png"
    mask = read_mask(tmp_path / "gallery/masks/000001.png", 16)
    assert mask.shape == (16, 16)
    assert 0 < mask.sum() < mask.size
    assert find_cues(image) == informative_cues(0, 1, 1, 0)
    stranger = tmp_path / "stranger/000001.png"
    assert find_mask(stranger) is None
    assert find_cues(stranger) is None
