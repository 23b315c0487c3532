import numpy as np
import pytest
import scipy.stats
import torch
from torch import nn

from emotionart.attribution.evaluation.faithfulness import removal_curves
from emotionart.attribution.evaluation.pointing_game import pointing
from emotionart.attribution.evaluation.reliability import REMOVALS, RIVALS, reliability_summary
from emotionart.attribution.evaluation.removal import blurred, blurring
from emotionart.attribution.evaluation.rivals import rival_maps
from tests.attribution.nets import pictures, shallow


class Corner(nn.Module):
    """Two classes, told apart by the light in the upper left eighth of the picture alone."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        light = 20 * batch[:, :, :4, :4].mean((1, 2, 3))
        return torch.stack([light, 10 - light], 1)


def bright_corner(count: int = 6) -> torch.Tensor:
    batch = 0.1 * pictures(count, 32)
    batch[:, :, :4, :4] = 1
    return batch


def test_a_map_that_knows_deletes_at_once_and_one_that_knows_nothing_does_not() -> None:
    batch = bright_corner()
    right = torch.zeros(6, 8, 8)
    right[:, 0, 0] = 1
    classes = torch.zeros(6, dtype=torch.long)
    known = removal_curves(Corner(), batch, right, classes, blurring(batch))
    deletion, insertion = known.areas()
    random = torch.rand(right.shape, generator=torch.Generator().manual_seed(0))
    random_deletion, random_insertion = removal_curves(Corner(), batch, random, classes, blurring(batch)).areas()
    assert (deletion < random_deletion).all()
    assert (insertion > random_insertion).all()
    np.testing.assert_allclose(known.score(), insertion - deletion)
    assert known.deletion[:, 0].min() > 0.99, "at first nothing is deleted"
    np.testing.assert_allclose(known.deletion[:, 0], known.insertion[:, -1])
    np.testing.assert_allclose(known.deletion[:, -1], known.insertion[:, 0])


def test_curves_are_those_of_a_plain_loop() -> None:
    network, batch = shallow(), pictures(2, 32)
    maps, classes = torch.rand(2, 4, 4), torch.tensor([1, 3])
    found = removal_curves(network, batch, maps, classes, blurring(batch), steps=4)
    poor = blurred(batch)
    for row in range(2):
        for step in range(5):
            picture = batch[row].clone()
            for cell in np.argsort(-maps[row].flatten().numpy())[: 4 * step]:
                y, x = 8 * (cell // 4), 8 * (cell % 4)
                picture[:, y : y + 8, x : x + 8] = poor[row, :, y : y + 8, x : x + 8]
            with torch.no_grad():
                expected = torch.softmax(network(picture[None]), 1)[0, classes[row]]
            assert found.deletion[row, step] == pytest.approx(float(expected), rel=1e-4)


def test_pointing_counts_peaks_and_energy_inside_the_mask() -> None:
    maps = torch.full((2, 4, 4), -1.0)
    maps[0, 0, 0] = 2
    maps[1, 3, 3] = 1
    masks = np.zeros((2, 4, 4), bool)
    masks[:, :2, :2] = True
    found = pointing(maps, masks)
    assert found.hit.tolist() == [True, False]
    np.testing.assert_allclose(found.energy, [1, 0])
    np.testing.assert_allclose(found.chance, 0.25)
    summary = found.summary(np.arange(2))
    assert summary["pointing"] == 0.5
    assert summary["p_value"] == pytest.approx(scipy.stats.ttest_1samp([1, 0], 0.25).pvalue)


def test_a_few_hits_without_exception_are_no_certainty() -> None:
    masks = np.zeros((5, 4, 4), bool)
    masks[:, :2, :2] = True
    found = pointing(torch.eye(16).reshape(16, 4, 4)[:1].expand(5, 4, 4), masks).summary(np.arange(5))
    assert (found["pointing"], found["p_value"]) == (1.0, 2**-4)


def test_random_maps_point_as_often_as_chance() -> None:
    masks = np.zeros((2_000, 8, 8), bool)
    masks[:, :3, :4] = True
    pointed = pointing(torch.randn(2_000, 8, 8, generator=torch.Generator().manual_seed(0)), masks)
    found = pointed.summary(np.arange(2_000))
    assert found["pointing_low"] < found["chance"] < found["pointing_high"]
    assert found["energy"] == pytest.approx(found["chance"], abs=0.01)


def test_hits_on_the_works_of_a_few_artists_have_a_wide_interval() -> None:
    masks = np.zeros((100, 4, 4), bool)
    masks[:, :2, :2] = True
    maps = torch.zeros(100, 4, 4)
    maps[:60, 0, 0] = maps[60:, 3, 3] = 1
    alone, artists = (pointing(maps, masks).summary(np.arange(100) // works) for works in (1, 20))
    width = [one["pointing_high"] - one["pointing_low"] for one in (alone, artists)]
    assert width[1] > 4 * width[0], "three of five artists"
    assert alone["p_value"] < 0.001 < 0.1 < artists["p_value"]


def numbers(effect: float, last: float = 0.1, stable: float = 0.9, hits: float | None = None, **effects: float) -> dict:
    def gain(rival: str) -> dict:
        size = effects.get(rival, effect)
        return {"value": size / 10, "low": size / 10 - 0.01, "high": size / 10 + 0.01, "effect": size}

    place = None if hits is None else {"pointing": hits, "pointing_low": hits - 0.1, "chance": 0.06}
    if place:
        place |= {"random_weights": 0.4, "edges": 0.9}
    faithful = {removal: {"area": 0.4} | {rival: gain(rival) for rival in (*RIVALS, "edges")} for removal in REMOVALS}
    stages = [{"layer": "head", "similarity": last}, {"layer": "trunk.0", "similarity": 0.1}]
    return {"faithful": faithful, "randomisation": stages, "stability": stable, "pointing": place}


@pytest.mark.parametrize(
    ("given", "start", "says"),
    [
        (numbers(1.2), "These maps are reliable:", "more to the network than those of any rival"),
        (
            numbers(1.2, mean=0.7),
            "These maps are reliable:",
            "closest: the mean map of other pictures, effect size 0.7",
        ),
        (numbers(1.2, hits=0.6), "These maps are reliable:", "60% of them peak on the local cue"),
        (numbers(1.2, hits=0.05), "These maps are reliable with reservations:", "but 5% of them peak on the local cue"),
        (
            numbers(1.2, hits=0.45),
            "These maps are reliable with reservations:",
            "against 6% by chance and 40% under random weights",
        ),
        (numbers(1.2, stable=0.2), "These maps are reliable with reservations:", "invisible noise changes them"),
        (
            numbers(1.2, edges=0.1),
            "These maps are reliable with reservations:",
            "no more about the network than the picture's edges",
        ),
        (numbers(0.05), "These maps are not reliable:", "those of random maps (effect size 0.1), smoothed noise"),
        (
            numbers(1.2, mean=0.3),
            "These maps are not reliable:",
            "the mean map of other pictures (effect size 0.3)",
        ),
        (numbers(1.2, last=0.8), "These maps are not reliable:", "down to head gives much the same maps"),
    ],
)
def test_the_verdict_is_one_sentence(given: dict, start: str, says: str) -> None:
    sentence = reliability_summary(given)
    assert sentence.startswith(start)
    assert says in sentence
    assert sentence.count(". ") == 0


def test_a_map_that_is_the_same_for_all_pictures_does_not_beat_its_mean() -> None:
    """The light is in the same corner of every picture: the place is right, but it says nothing of any one picture."""
    batch, classes = bright_corner(), torch.zeros(6, dtype=torch.long)
    same = torch.zeros(6, 8, 8)
    same[:, 0, 0] = 1
    score = {
        name: removal_curves(Corner(), batch, maps, classes, blurring(batch)).score()
        for name, maps in {"map": same, **rival_maps(same, classes, seed=0)}.items()
    }
    for rival in ("mean", "another's"):
        np.testing.assert_allclose(score[rival], score["map"])
    for rival in ("random", "smoothed noise", "centre"):
        assert (score["map"] > score[rival]).all()
