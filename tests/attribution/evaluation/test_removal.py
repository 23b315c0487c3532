import numpy as np
import torch
from skimage.filters import gaussian

from emotionart.attribution.evaluation.removal import blurred, blurring, imputing
from tests.attribution.nets import pictures


def test_blurred_is_skimages_gaussian() -> None:
    batch = pictures(1, 64)
    expected = gaussian(batch[0].numpy(), 6.4, channel_axis=0, mode="mirror", truncate=2.5)
    assert abs(blurred(batch)[0].numpy() - expected).max() < 5e-3


def test_only_what_is_masked_is_taken_away() -> None:
    batch, masks = pictures(2, 32), torch.zeros(2, 32, 32, dtype=torch.bool)
    masks[:, 8:16, 4:20] = True
    for remove in (blurring(batch), imputing(batch, seed=0)):
        found = remove(masks)
        inside = masks[:, None].expand_as(batch)
        assert torch.equal(found[~inside], batch[~inside])
        assert (found[inside] != batch[inside]).float().mean() > 0.9
        assert torch.equal(remove(torch.zeros_like(masks)), batch)


def test_imputed_pixels_are_the_weighted_means_of_their_neighbours() -> None:
    batch, masks = pictures(1, 16), torch.zeros(1, 16, 16, dtype=torch.bool)
    masks[0, 3:9, 5:12] = True
    found = imputing(batch, seed=0)(masks)[0].double().numpy()
    weights = np.array([[1, 2, 1], [2, 0, 2], [1, 2, 1]]) / 12
    for y, x in ((3, 5), (6, 8), (8, 11)):
        around = (weights * found[:, y - 1 : y + 2, x - 1 : x + 2]).sum((1, 2))
        assert np.abs(found[:, y, x] - around).max() < 0.06, "up to the noise of 0.01"


def test_a_plane_is_imputed_as_a_plane_also_where_it_is_solved_on_a_coarser_grid() -> None:
    for side in (32, 128):
        plane = torch.linspace(0.2, 0.8, side).expand(1, 3, side, side)
        masks = torch.zeros(1, side, side, dtype=torch.bool)
        masks[0, side // 4 : side // 2, side // 4 : side // 2] = True
        assert (imputing(plane, seed=0)(masks) - plane).abs().max() < 0.06


def test_a_picture_that_is_gone_as_a_whole_has_its_mean_colour() -> None:
    batch = pictures(1, 16)
    found = imputing(batch, seed=0)(torch.ones(1, 16, 16, dtype=torch.bool))
    assert (found - batch.mean((2, 3), keepdim=True)).abs().max() < 0.06
