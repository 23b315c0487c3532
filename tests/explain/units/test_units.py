import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score

from emotionart.explain.units.ablation import ablation_losses
from emotionart.explain.units.activations import Activations, Works, activations, patch
from emotionart.explain.units.detections import best_threshold, detections
from tests.explain.units.planted import layer, pictures, works


def test_a_planted_detector_is_found_with_its_place_and_what_its_class_loses() -> None:
    colours = {"validation": np.arange(30) % 2, "test": np.arange(40) % 2}
    found = {
        part: activations(layer(), works(pictures(one, seed)), part) for seed, (part, one) in enumerate(colours.items())
    }
    assert found["test"].side == 4
    assert found["test"].peak[0, 0].tolist() == [2.5 / 4, 1.5 / 4]
    generator = np.random.default_rng(3)
    marks = {
        "tag blue": {part: one == 1 for part, one in colours.items()},
        "tag chance": {part: generator.random(len(one)) < 0.5 for part, one in colours.items()},
        "tag rare": {part: np.arange(len(one)) == 0 for part, one in colours.items()},
    }
    told = detections({part: one.mean for part, one in found.items()}, marks, np.arange(40))
    assert {one.mark for one in told} == {"tag blue", "tag chance"}
    clear = [one for one in told if one.p_value < 0.05]
    assert [(one.mark, one.unit, one.auroc) for one in sorted(clear, key=lambda one: one.unit)] == [
        ("tag blue", 0, 0.0),
        ("tag blue", 1, 1.0),
    ]
    (detector,) = [one for one in clear if one.unit == 1]
    assert detector.precision == 1
    assert detector.recall >= 0.9  # the threshold is validation's
    lost = ablation_losses(layer(), works(pictures(colours["test"])), np.arange(40), colours["test"], 3)
    assert lost.shape == (2, 3)
    assert lost[1, 1] > 0 > lost[0, 1]
    assert lost[0, 0] > 0 > lost[1, 0]
    assert (lost[:, 2] == 0).all()


def test_a_mark_of_few_artists_is_left_out() -> None:
    generator = np.random.default_rng(0)
    mean = {part: generator.normal(size=(60, 2)) for part in ("validation", "test")}
    artist = np.repeat(np.arange(20), 3)
    marks = {f"tag {count}": dict.fromkeys(mean, artist < count) for count in (4, 5)}
    assert {one.mark for one in detections(mean, marks, artist)} == {"tag 5"}


def test_what_a_class_loses_is_the_change_of_its_mean_probability() -> None:
    colours = np.arange(10) % 2
    made, whole = pictures(colours), layer().network
    floats = torch.from_numpy(made).permute(0, 3, 1, 2).float() / 255
    without = floats.clone()
    without[:, 0] = 0  # unit 0 is the mean of the red channel
    with torch.no_grad():
        before, after = (torch.softmax(whole(part).double(), 1).numpy() for part in (floats, without))
    known = Activations(12)
    rows = np.arange(2, 12)
    lost = ablation_losses(
        layer(), Works(np.concatenate([made[:2], made]), np.arange(12)), rows, colours, 2, [known.update]
    )
    assert known.seen.tolist() == [False] * 2 + [True] * 10
    assert known.mean[2:] == pytest.approx(activations(layer(), works(made), "works").mean)
    for k in range(2):
        assert lost[0, k] == pytest.approx((before - after)[colours == k, k].mean(), abs=1e-6)


def test_the_threshold_has_the_best_f1() -> None:
    generator = np.random.default_rng(0)
    values, marked = generator.integers(0, 9, 50).astype(float), generator.random(50) < 0.4
    best = best_threshold(values, marked)
    scores = {cut: f1_score(marked, values >= cut) for cut in np.unique(values)}
    assert scores[best] == pytest.approx(max(scores.values()))


def test_a_patch_is_within_the_picture() -> None:
    picture = np.arange(64 * 64 * 3).reshape(64, 64, 3).astype(np.uint8)
    assert patch(picture, (0.0, 1.0), 8).shape == (24, 24, 3)
    assert np.array_equal(patch(picture, (0.5, 0.5), 8), picture[20:44, 20:44])
