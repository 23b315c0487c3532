"""Reliability of a run's maps: faithfulness and sanity checks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from emotionart.attribution.faithfulness import Curves, curves
from emotionart.attribution.maps import Mapper
from emotionart.attribution.network import PictureNetwork
from emotionart.attribution.pointing_game import pointing
from emotionart.attribution.reliability import REMOVALS, reliability_summary
from emotionart.attribution.removal import blurring, imputing
from emotionart.attribution.rivals import edge_maps, rival_maps
from emotionart.attribution.sanity_checks import randomised, similarity, stability, stages
from emotionart.explain.images import ImageSet
from emotionart.progress import progress_bar
from emotionart.statistics.estimate import clustered_mean

Array = NDArray[np.float64]

NOISE = 0.02
"""Standard deviation of the noise under which maps must not change, for pixels in 0..1: 5 grey levels."""

_DRAWS = 2
_FINEST = 16  # most grid cells per side at which curves are measured
_STEPS = {"blur": 10, "road": 4}  # of the curves; imputation (ROAD) is slower
_SEED = 0
_RANDOM_NETWORKS = 5  # averaged in the pointing game: a single one may respond to salient places by chance


@dataclass(frozen=True)
class Faithfulness:
    """Measured reliability of maps.

    Attributes:
        numbers: plain values, with the reliability summary as `summary`.
        share: (T,) fraction of the places that are changed at each point of the curves.
        curves: mean "deletion" and "insertion" curves (T,) of "map" and of each rival, with blurred places.
    """

    numbers: dict[str, Any]
    share: Array
    curves: dict[str, dict[str, Array]]


def measure_faithfulness(mapper: Mapper, images: ImageSet, marked: ImageSet) -> Faithfulness:
    """Measures faithfulness and sanity checks of the maps of the predicted classes.

    Args:
        mapper: attribution method that computes the maps.
        images: artworks to measure on.
        marked: artworks for the pointing game, which uses those with masks.
    """
    pictures, classes = images.tensor(), torch.from_numpy(images.probabilities.argmax(axis=1))
    maps = _map(mapper, pictures, classes)
    by_removal = _all_curves(mapper.network, pictures, maps, classes)
    checked = []
    cascade = randomised(mapper.network, _SEED)
    for layer, network in progress_bar(cascade, "randomising layers", stages(mapper.network)):
        # A map that only changes its sign counts as unchanged.
        alike = np.abs(similarity(maps, _map(_on(mapper, network), pictures, classes)))
        checked.append({"layer": layer, "similarity": float(alike.mean())})
    stable = stability(lambda noisy: _map(mapper, noisy, classes), pictures, NOISE, _DRAWS, _SEED)
    numbers: dict[str, Any] = {
        "n": len(images),
        "faithful": _faithful(by_removal),
        "randomisation": checked,
        "stability": float(stable.mean()),
        "pointing": _pointing(mapper, marked),
    }
    numbers["summary"] = reliability_summary(numbers)
    blur = by_removal["blur"]
    means = {
        curve: {name: getattr(one, curve).mean(axis=0) for name, one in blur.items()}
        for curve in ("deletion", "insertion")
    }
    return Faithfulness(numbers, blur["map"].share, means)


def _all_curves(network: nn.Module, pictures: Tensor, maps: Tensor, classes: Tensor) -> dict[str, dict[str, Curves]]:
    """The curves of the maps and of each rival, for each way of removing places."""
    places = _places(maps)
    coarse = F.adaptive_avg_pool2d(maps[:, None], places)[:, 0]
    judged = {"map": coarse, "edges": edge_maps(pictures, places), **rival_maps(coarse, classes, _SEED)}
    remove = {"blur": blurring(pictures), "road": imputing(pictures, _SEED)}
    by_removal: dict[str, dict[str, Curves]] = {removal: {} for removal in REMOVALS}
    pairs = list(product(REMOVALS, judged))
    for removal, name in progress_bar(pairs, "measuring deletion and insertion curves", len(pairs)):
        by_removal[removal][name] = curves(network, pictures, judged[name], classes, remove[removal], _STEPS[removal])
    return by_removal


def _faithful(by_removal: dict[str, dict[str, Curves]]) -> dict[str, Any]:
    """Areas under the maps' curves, and gains over each rival, positive if the map is better."""
    faithful: dict[str, Any] = {}
    for place, (curve, sign) in enumerate((("deletion", -1.0), ("insertion", 1.0))):
        areas = {name: one.areas()[place] for name, one in by_removal["blur"].items()}
        faithful[curve] = {
            "area": float(areas["map"].mean()),
            **{rival: paired_gain(sign * areas["map"], sign * areas[rival]) for rival in areas if rival != "map"},
        }
    for removal, by_map in by_removal.items():
        scores = {name: one.score() for name, one in by_map.items()}
        faithful[removal] = {
            "area": float(scores["map"].mean()),
            **{rival: paired_gain(scores["map"], scores[rival]) for rival in scores if rival != "map"},
        }
    return faithful


def paired_gain(better: Array, than: Array) -> dict[str, float]:
    """Mean difference of paired values (n,), its 95 % interval, and its effect size (Cohen's d of the differences)."""
    difference = better - than
    deviation = float(difference.std(ddof=1)) if len(difference) > 1 else 0.0
    effect = float(difference.mean()) / deviation if deviation > 0 else 0.0
    # Insertion minus deletion lies in -1..1, so a gain in it lies in -2..2.
    low, high = clustered_mean(difference, np.arange(len(difference))).interval(-2, 2)
    return {"value": float(difference.mean()), "low": low, "high": high, "effect": effect}


def _pointing(mapper: Mapper, marked: ImageSet) -> dict[str, float] | None:
    """The pointing game on the artworks with masks; None if there are none."""
    rows, masks = marked.masks()
    if not len(rows):
        return None
    with_masks = marked.take(rows)
    inputs, target = with_masks.tensor(), torch.from_numpy(with_masks.probabilities.argmax(axis=1))
    random = [
        pointing(_map(_on(mapper, _all_random(mapper.network, seed)), inputs, target), masks).summary()
        for seed in progress_bar(range(_RANDOM_NETWORKS), "pointing of random networks", _RANDOM_NETWORKS)
    ]
    maps = _map(mapper, inputs, target)
    return {
        **pointing(maps, masks).summary(),
        "random_weights": float(np.mean([one["pointing"] for one in random])),
        "random_weights_energy": float(np.mean([one["energy"] for one in random])),
        "edges": pointing(edge_maps(inputs, _places(maps)), masks).summary()["pointing"],
    }


def _places(maps: Tensor) -> tuple[int, int]:
    return min(maps.shape[1], _FINEST), min(maps.shape[2], _FINEST)


def _on(mapper: Mapper, network: nn.Module) -> Mapper:
    assert isinstance(network, PictureNetwork)
    return replace(mapper, network=network)


def _all_random(network: PictureNetwork, seed: int) -> nn.Module:
    *_, (_, changed) = randomised(network, seed)
    return changed


def _map(mapper: Mapper, pictures: Tensor, classes: Tensor) -> Tensor:
    return mapper.maps(pictures, classes[:, None])[:, 0]
