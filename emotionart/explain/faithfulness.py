"""Reliability of a run's maps: faithfulness and sanity checks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from emotionart.attribution.evaluation.faithfulness import Curves, removal_curves
from emotionart.attribution.evaluation.pointing_game import pointing
from emotionart.attribution.evaluation.reliability import REMOVALS, reliability_summary
from emotionart.attribution.evaluation.removal import blurring, imputing
from emotionart.attribution.evaluation.rivals import edge_maps, rival_maps
from emotionart.attribution.evaluation.sanity_checks import randomised, similarity, stability, stages
from emotionart.attribution.maps import Mapper
from emotionart.attribution.network import PictureNetwork
from emotionart.explain.images import ImageSet
from emotionart.progress import progress_bar
from emotionart.statistics.estimate import clustered_mean

Array = NDArray[np.float64]

NOISE = 0.02
"""Standard deviation of the noise under which maps must not change, for pixels in 0..1: 5 grey levels."""

_DRAWS = 2  # draws of the noise
_FINEST = 16  # maximum number of cells per side of the maps for curves
_STEPS = {"blur": 10, "road": 4}  # steps of the curves; imputation (ROAD) is slower
_SEED = 0
_RANDOM_NETWORKS = 5  # averaged in the pointing game: a single one may respond to salient places by chance


@dataclass(frozen=True)
class Faithfulness:
    """Measured reliability of maps.

    Attributes:
        numbers: plain values, with the reliability summary as `summary`.
        share: (T,) fraction of the cells that are removed at each point of the curves.
        curves: mean "deletion" and "insertion" curves (T,) of "map" and of each rival, with removal by blurring.
    """

    numbers: dict[str, Any]
    share: Array
    curves: dict[str, dict[str, Array]]


def measure_faithfulness(mapper: Mapper, images: ImageSet, pointing_images: ImageSet) -> Faithfulness:
    """Measures the faithfulness of the predicted classes' maps, and checks their sanity.

    Args:
        mapper: attribution method that computes the maps.
        images: artworks to measure on.
        pointing_images: artworks for the pointing game, which uses those with masks.
    """
    pictures, classes = images.tensor(), torch.from_numpy(images.probabilities.argmax(axis=1))
    maps = _map(mapper, pictures, classes)
    by_removal = _all_curves(mapper.network, pictures, maps, classes)
    stages_checked = []
    cascade = randomised(mapper.network, _SEED)
    for layer, network in progress_bar(cascade, "randomising layers", stages(mapper.network)):
        # A map that only changes its sign counts as unchanged.
        correlation = np.abs(similarity(maps, _map(_on(mapper, network), pictures, classes)))
        stages_checked.append({"layer": layer, "similarity": float(correlation.mean())})
    under_noise = stability(lambda noisy: _map(mapper, noisy, classes), pictures, NOISE, _DRAWS, _SEED)
    numbers: dict[str, Any] = {
        "n": len(images),
        "faithful": _faithful(by_removal, images.unit),
        "randomisation": stages_checked,
        "stability": float(under_noise.mean()),
        "pointing": _pointing(mapper, pointing_images),
    }
    numbers["summary"] = reliability_summary(numbers)
    blur = by_removal["blur"]
    means = {
        curve: {name: getattr(one, curve).mean(axis=0) for name, one in blur.items()}
        for curve in ("deletion", "insertion")
    }
    return Faithfulness(numbers, blur["map"].share, means)


def _all_curves(network: nn.Module, pictures: Tensor, maps: Tensor, classes: Tensor) -> dict[str, dict[str, Curves]]:
    """Removal method -> "map" and each rival -> its curves."""
    size = _curve_size(maps)
    coarse = F.adaptive_avg_pool2d(maps[:, None], size)[:, 0]
    compared = {"map": coarse, "edges": edge_maps(pictures, size), **rival_maps(coarse, classes, _SEED)}
    remove = {"blur": blurring(pictures), "road": imputing(pictures, _SEED)}
    by_removal: dict[str, dict[str, Curves]] = {removal: {} for removal in REMOVALS}
    pairs = list(product(REMOVALS, compared))
    for removal, name in progress_bar(pairs, "measuring deletion and insertion curves", len(pairs)):
        by_removal[removal][name] = removal_curves(
            network, pictures, compared[name], classes, remove[removal], _STEPS[removal]
        )
    return by_removal


def _faithful(by_removal: dict[str, dict[str, Curves]], group: NDArray[np.intp]) -> dict[str, Any]:
    """Areas under the maps' curves, and gains over each rival, positive if the map is better.

    Args:
        by_removal: removal method -> "map" and each rival -> its curves.
        group: (n,) numbers from 0 of the groups of dependent artworks.
    """
    gain = partial(paired_gain, group=group)
    faithful: dict[str, Any] = {}
    for index, (curve, sign) in enumerate((("deletion", -1.0), ("insertion", 1.0))):
        areas = {name: one.areas()[index] for name, one in by_removal["blur"].items()}
        faithful[curve] = {
            "area": float(areas["map"].mean()),
            **{rival: gain(sign * areas["map"], sign * areas[rival]) for rival in areas if rival != "map"},
        }
    for removal, by_map in by_removal.items():
        scores = {name: one.score() for name, one in by_map.items()}
        faithful[removal] = {
            "area": float(scores["map"].mean()),
            **{rival: gain(scores["map"], scores[rival]) for rival in scores if rival != "map"},
        }
    return faithful


def paired_gain(scores: Array, rival: Array, group: NDArray[np.intp]) -> dict[str, float]:
    """Mean gain of scores over a rival's, its 95 % interval, and its effect size (Cohen's d of the differences).

    Args:
        scores, rival: (n,) scores of the same artworks, -1 to 1.
        group: (n,) numbers from 0 of the groups of dependent artworks.
    """
    difference = scores - rival
    deviation = float(difference.std(ddof=1)) if len(difference) > 1 else 0.0
    effect = float(difference.mean()) / deviation if deviation > 0 else 0.0
    # Insertion minus deletion lies in -1..1, so a gain in it lies in -2..2.
    low, high = clustered_mean(difference, group).interval(-2, 2)
    return {"value": float(difference.mean()), "low": low, "high": high, "effect": effect}


def _pointing(mapper: Mapper, images: ImageSet) -> dict[str, float] | None:
    """The pointing game on the artworks with masks; None if there are none."""
    rows, masks = images.masks()
    if not len(rows):
        return None
    with_masks = images.take(rows)
    unit = with_masks.unit
    inputs, target = with_masks.tensor(), torch.from_numpy(with_masks.probabilities.argmax(axis=1))
    random = [
        pointing(_map(_on(mapper, _all_random(mapper.network, seed)), inputs, target), masks).summary(unit)
        for seed in progress_bar(range(_RANDOM_NETWORKS), "pointing of random networks", _RANDOM_NETWORKS)
    ]
    maps = _map(mapper, inputs, target)
    return {
        **pointing(maps, masks).summary(unit),
        "random_weights": float(np.mean([one["pointing"] for one in random])),
        "random_weights_energy": float(np.mean([one["energy"] for one in random])),
        "edges": pointing(edge_maps(inputs, _curve_size(maps)), masks).summary(unit)["pointing"],
    }


def _curve_size(maps: Tensor) -> tuple[int, int]:
    """Height and width in cells at which maps (n, h, w) are compared."""
    return min(maps.shape[1], _FINEST), min(maps.shape[2], _FINEST)


def _on(mapper: Mapper, network: nn.Module) -> Mapper:
    """The mapper for a copy of its network with other weights."""
    assert isinstance(network, PictureNetwork)
    return replace(mapper, network=network)


def _all_random(network: PictureNetwork, seed: int) -> nn.Module:
    """A copy of the network with all weights randomised."""
    *_, (_, changed) = randomised(network, seed)
    return changed


def _map(mapper: Mapper, pictures: Tensor, classes: Tensor) -> Tensor:
    """Maps (n, h, w) of one class (n,) of each picture."""
    return mapper.maps(pictures, classes[:, None])[:, 0]
