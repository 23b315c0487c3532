from dataclasses import replace

import numpy as np
import pytest
import torch

from emotionart.explain.cues import cue_sentence, measure_cues
from emotionart.explain.images import ImageSet


def artworks(draw: np.random.Generator, count: int = 120) -> ImageSet:
    """Two classes: told by colour (reddish or bluish), and by where a small chequered thing is (left or right)."""
    label = np.arange(count) % 2
    pixels = np.full((count, 32, 32, 3), 90, np.uint8) + draw.integers(0, 20, (count, 32, 32, 3), np.uint8)
    for row, k in enumerate(label):
        pixels[row, ..., 2 * k] += 60
        left, top = 4 + 20 * k, draw.integers(4, 24)
        pixels[row, top : top + 4, left : left + 4] = np.where(np.indices((4, 4)).sum(0) % 2, 200, 10)[..., None]
    names = np.array([str(row) for row in range(count)], dtype=object)
    rows = np.arange(count)
    return ImageSet(names, names, names, names, pixels, rows, rows, label.astype(np.int64), None, np.eye(2)[label])


def by_colour(pictures: torch.Tensor) -> np.ndarray:
    blue = pictures[:, 2].mean((1, 2)) - pictures[:, 0].mean((1, 2))
    return torch.softmax(torch.stack([-9 * blue, 9 * blue], 1), 1).numpy()


def by_thing(pictures: torch.Tensor) -> np.ndarray:
    grey = pictures.mean(1)
    peak = (grey - grey.mean((1, 2), keepdim=True)).clamp(min=0) ** 4
    right = (peak[..., 16:].sum((1, 2)) - peak[..., :16].sum((1, 2))) / peak.sum((1, 2))
    return torch.softmax(torch.stack([-9 * right, 9 * right], 1), 1).numpy()


@pytest.mark.parametrize(("network", "kept", "lost"), [(by_colour, "global", "local"), (by_thing, "local", "global")])
def test_what_a_network_looks_at_survives_and_nothing_of_the_other_kind(network, kept: str, lost: str) -> None:  # type: ignore[no-untyped-def]
    images = artworks(np.random.default_rng(0))
    found = measure_cues(images, 2, network, 0)
    assert found["kinds"]["whole"]["acc"] == found["kinds"]["combined"]["acc"] == 1
    assert found["chance"] == 0.5
    assert found["survives"][kept]["value"] > 0.95
    assert abs(found["survives"][lost]["value"]) < 0.25
    assert found["survives"][lost]["low"] < found["survives"][lost]["value"] < found["survives"][lost]["high"]
    both = np.mean(found["kinds"][lost]["by_class"])
    assert both == pytest.approx(found["kinds"][lost]["acc"])


def test_that_combined_pictures_look_unfamiliar_is_not_taken_for_missing_cues() -> None:
    def by_familiar_thing(pictures: torch.Tensor) -> np.ndarray:
        """Guesses half of the pictures that no camera makes: those with more than 256 levels."""
        levels = 255 * pictures
        strange = ((levels - levels.round()).abs() > 1e-3).flatten(1).any(1).numpy()
        lost = strange & (np.arange(len(pictures)) % 4 < 2)  # rows of both classes
        return np.where(lost[:, None], [0.6, 0.4], by_thing(pictures))

    found = measure_cues(artworks(np.random.default_rng(0)), 2, by_familiar_thing, 0)
    assert found["kinds"]["whole"]["acc"] == 1
    assert found["kinds"]["combined"]["acc"] == pytest.approx(0.75, abs=0.02)
    assert found["kinds"]["local"]["acc"] == pytest.approx(0.75, abs=0.02)
    assert found["survives"]["local"]["value"] == pytest.approx(1, abs=0.05)


def test_a_network_that_judges_half_of_the_pictures_by_colour_keeps_half_of_its_gain() -> None:
    def by_turns(pictures: torch.Tensor) -> np.ndarray:
        by_row = np.arange(len(pictures)) % 4 < 2  # rows of both classes
        return np.where(by_row[:, None], by_colour(pictures), by_thing(pictures))

    found = measure_cues(artworks(np.random.default_rng(0)), 2, by_turns, 0)
    assert found["survives"]["global"]["value"] == pytest.approx(0.5, abs=0.1)
    assert found["survives"]["local"]["value"] == pytest.approx(0.5, abs=0.1)


def cues(whole: float, combined: float, left: float, none: float) -> dict:
    survives = {
        "global": {"value": none, "low": none - 0.1, "high": none + 0.1},
        "local": {"value": left, "low": left - 0.1, "high": left + 0.1},
    }
    kinds = {kind: {"acc": acc, "above_chance": acc > 0.3} for kind, acc in (("whole", whole), ("combined", combined))}
    return {"n": 100, "size": 64, "chance": 0.25, "kinds": kinds, "survives": survives}


def test_what_survives_is_told_in_one_sentence_unless_there_was_nothing_to_lose() -> None:
    sentence = cue_sentence(cues(0.85, 0.7, 0.5, -0.04))
    assert "(70% against 25%, at 64 × 64 pixels; whole pictures: 85%)" in sentence
    assert "0% (0% to 6%) survives in global cues alone" in sentence
    assert "50% (40% to 60%) in local cues alone" in sentence
    sentence = cue_sentence(cues(0.3, 0.7, 1.0, 1.0))
    assert "whole pictures (30% of 100, at 64 × 64 pixels) is not clearly better than the majority baseline" in sentence
    sentence = cue_sentence(cues(0.85, 0.3, 1.0, 1.0))
    assert "combined from two of one class (30% of 100, at 64 × 64 pixels) is not clearly better" in sentence


def test_a_network_at_chance_has_no_shares() -> None:
    images = artworks(np.random.default_rng(0), 20)
    found = measure_cues(images, 2, lambda pictures: np.tile([0.6, 0.4], (len(pictures), 1)), 0)
    assert found["survives"]["global"] == {"value": None, "low": None, "high": None}
    assert "exchanging cues cannot show anything" in cue_sentence(found)


def test_works_of_one_artist_are_not_taken_for_independent_ones() -> None:
    def by_turns(pictures: torch.Tensor) -> np.ndarray:
        by_artist = np.arange(len(pictures)) // 12 % 2 < 1  # artists of 12 works each
        return np.where(by_artist[:, None], by_colour(pictures), by_thing(pictures))

    alone = artworks(np.random.default_rng(0))
    artists = replace(alone, unit=alone.unit // 12)
    low, wide = (measure_cues(images, 2, by_turns, 0)["survives"]["local"] for images in (alone, artists))
    assert low["value"] == wide["value"]
    assert wide["high"] - wide["low"] > 2 * (low["high"] - low["low"])
    single = measure_cues(replace(alone, unit=0 * alone.unit), 2, by_turns, 0)
    assert single["survives"]["local"] == {"value": low["value"], "low": None, "high": None}
    assert not single["kinds"]["whole"]["above_chance"]
