import numpy as np
import torch

from emotionart.attribution.input_ablations import cue_combiner, draw_partners
from tests.attribution.nets import pictures


def test_a_combined_picture_has_its_own_shapes_on_the_colours_and_contrast_of_another() -> None:
    batch = torch.full((2, 3, 64, 64), 0.5)
    batch[0, 0], batch[1, 2] = 0.7, 0.7  # a reddish and a bluish picture
    batch[0, :, 20:24, 20:24] += 0.2
    batch[1, :, 40:44, 40:44] -= 0.05
    found = cue_combiner(batch)(np.array([1, 0]))
    torch.testing.assert_close(found.mean((2, 3)), batch[[1, 0]].mean((2, 3)), atol=0.01, rtol=0)
    torch.testing.assert_close(found.std((2, 3)), batch[[1, 0]].std((2, 3)), atol=0.005, rtol=0.2)
    assert int(found[0].sum(0).argmax()) in [64 * y + x for y in range(20, 24) for x in range(20, 24)]
    assert int(found[1].sum(0).argmin()) in [64 * y + x for y in range(40, 44) for x in range(40, 44)]


def test_a_picture_combined_with_itself_stays_the_same() -> None:
    batch = 0.1 + 0.8 * pictures(3, 32)  # neither black nor white, which are clipped
    torch.testing.assert_close(cue_combiner(batch)(np.arange(3)), batch)


def test_shapes_stay_visible_on_black_and_on_white() -> None:
    batch = torch.stack([torch.full((3, 64, 64), value) for value in (0.5, 0.01, 0.99)])
    batch[0, :, 20:40, 20:40] = 0.8
    batch[1:, :, ::2] += torch.tensor([0.03, -0.03])[:, None, None, None]
    for other in (1, 2):
        found = cue_combiner(batch)(np.array([other, 0, 0]))[0].mean(0)
        assert found[20:40, 20:40].mean() > found.mean() + 0.005


def test_an_even_picture_has_no_shapes_to_give() -> None:
    batch = torch.stack([torch.full((3, 32, 32), 0.3), 0.1 + 0.8 * pictures(1, 32)[0]])
    found = cue_combiner(batch)(np.array([1, 0]))[0]
    assert found.std() < 0.3 * batch[1].std()
    torch.testing.assert_close(found.mean((1, 2)), batch[1].mean((1, 2)), atol=0.05, rtol=0)


def test_everybody_is_the_partner_of_one_other_of_the_group() -> None:
    group = np.array([0, 1, 0, 1, 2, 0, 1, 0])
    drawn = [draw_partners(group, seed) for seed in range(5)]
    for partner in drawn:
        assert sorted(partner) == list(range(8))
        np.testing.assert_array_equal(group[partner], group)
        assert [row for row in range(8) if partner[row] == row] == [4], "the only one of its group"
    assert len({tuple(partner) for partner in drawn}) > 1
