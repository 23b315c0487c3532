import numpy as np
import torch

from emotionart.attribution.input_ablations import combining, draw_partners
from emotionart.attribution.removal import blurred
from tests.attribution.nets import pictures


def test_a_combined_picture_has_its_own_shapes_on_the_colours_and_contrast_of_another() -> None:
    batch = torch.full((2, 3, 64, 64), 0.5)
    batch[0, 0], batch[1, 2] = 0.7, 0.7  # a reddish and a bluish picture
    batch[0, :, 20:24, 20:24] += 0.2
    batch[1, :, 40:44, 40:44] -= 0.05
    found = combining(batch)(np.array([1, 0]))
    torch.testing.assert_close(found.mean((2, 3)), batch[[1, 0]].mean((2, 3)), atol=0.01, rtol=0)
    assert int(found[0].sum(0).argmax()) in [64 * y + x for y in range(20, 24) for x in range(20, 24)]
    assert int(found[1].sum(0).argmin()) in [64 * y + x for y in range(40, 44) for x in range(40, 44)]
    detail = (found - blurred(found)).std((2, 3))
    torch.testing.assert_close(detail, (batch - blurred(batch)).std((2, 3))[[1, 0]], atol=0.002, rtol=0.2)


def test_a_picture_combined_with_itself_stays_the_same() -> None:
    batch = pictures(3, 32)
    torch.testing.assert_close(combining(batch)(np.arange(3)), batch)


def test_an_even_picture_has_no_shapes_to_give() -> None:
    batch = torch.stack([torch.full((3, 32, 32), 0.3), pictures(1, 32)[0]])
    torch.testing.assert_close(combining(batch)(np.array([1, 0]))[0], blurred(batch)[1])


def test_everybody_is_the_partner_of_one_other_of_the_group() -> None:
    group = np.array([0, 1, 0, 1, 2, 0, 1, 0])
    drawn = [draw_partners(group, seed) for seed in range(5)]
    for partner in drawn:
        assert sorted(partner) == list(range(8))
        np.testing.assert_array_equal(group[partner], group)
        assert [row for row in range(8) if partner[row] == row] == [4], "the only one of its group"
    assert len({tuple(partner) for partner in drawn}) > 1
