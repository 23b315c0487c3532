import itertools

import numpy as np
import pytest

from emotionart.features.colour import LANDMARKS, Palette, dominant_colours, landmark
from emotionart.recolour.transport import transport_plan, transported
from tests.features.pictures import FLAT, flat, photographs


def test_equal_shares_move_as_the_best_of_all_permutations() -> None:
    palette, target = Palette(landmark("dark"), np.full(5, 0.2)), landmark("happy")
    best = min(itertools.permutations(range(5)), key=lambda order: np.square(palette.lab - target[list(order)]).sum())
    np.testing.assert_allclose(transported(palette, target), target[list(best)], atol=1e-6)


@pytest.mark.parametrize("name", LANDMARKS)
def test_every_colour_leaves_and_every_target_receives_its_share(name: str) -> None:
    for palette in map(dominant_colours, photographs()):
        plan = transport_plan(palette, landmark(name))
        assert plan.min() >= 0
        np.testing.assert_allclose(plan.sum(axis=1), palette.weights, atol=1e-9)
        np.testing.assert_allclose(plan.sum(axis=0), 0.2, atol=1e-9)


def test_a_picture_of_one_colour_moves_to_the_mean_of_the_palette() -> None:
    for colour in FLAT:
        moved = transported(dominant_colours(flat(colour)), landmark("calm"))
        np.testing.assert_allclose(moved, landmark("calm").mean(axis=0)[None], atol=1e-9)
