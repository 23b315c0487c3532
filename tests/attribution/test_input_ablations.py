import torch
from skimage.color import rgb2gray
from skimage.filters import gaussian

from emotionart.attribution.faithfulness import blurred
from emotionart.attribution.input_ablations import grey, shuffled, texture
from tests.attribution.nets import pictures


def test_shuffling_moves_patches_and_changes_none() -> None:
    batch = pictures(2, 32)
    found = shuffled(batch)

    def patches(picture: torch.Tensor) -> list[tuple[float, ...]]:
        return sorted(tuple(patch.flatten().tolist()) for row in picture.split(4, 1) for patch in row.split(4, 2))

    assert patches(found[0]) == patches(batch[0])
    assert not torch.equal(found, batch)
    assert shuffled(pictures(1, 37)).shape == (1, 3, 37, 37)


def test_grey_has_no_colour_and_keeps_the_luma() -> None:
    found = grey(pictures(1, 16))
    assert torch.equal(found[:, 0], found[:, 2])
    expected = torch.tensor(rgb2gray(pictures(1, 16)[0].permute(1, 2, 0).numpy()))
    assert (found[0, 0] - expected).abs().max() < 0.2, "other weights than skimage's"


def test_blurred_is_skimages_gaussian() -> None:
    batch = pictures(1, 64)
    expected = gaussian(batch[0].numpy(), 6.4, channel_axis=0, mode="mirror", truncate=2.5)
    assert abs(blurred(batch)[0].numpy() - expected).max() < 5e-3


def test_texture_has_no_light_and_dark_areas() -> None:
    step = torch.zeros(1, 3, 64, 64)
    step[..., 32:] = 1
    found = texture(0.5 * step + 0.1 * pictures(1, 64))
    assert abs(float(found[..., :8].mean() - found[..., -8:].mean())) < 0.05
