"""The numbers beside a run's maps: how far they can be trusted, what each class looks like, and which cues count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import binomtest
from torch import Tensor, nn
from torch.nn import functional as F

from emotionart.attribution import faithfulness
from emotionart.attribution.activation_maximisation import ALL, ablations, class_model_visualisation, total_variation
from emotionart.attribution.input_ablations import INPUT_ABLATIONS
from emotionart.attribution.maps import Mapper, data_mean
from emotionart.attribution.network import PictureNetwork
from emotionart.attribution.pointing_game import pointing
from emotionart.attribution.reliability import reliability_summary
from emotionart.explain.images import ImageSet
from emotionart.statistics.baseline import majority_share
from emotionart.statistics.metrics import mean_with_interval

Array = NDArray[np.float64]

NOISE = 0.02
"""Standard deviation of the noise under which maps must not change, in parts of the pixels' range: 5 grey levels."""

_DRAWS = 2
_FINEST = 16  # places a side at which curves are measured
_SEED = 0
_RANDOM_NETWORKS = 5  # over which pointing is averaged: one may happen to like what stands out


@dataclass(frozen=True)
class Faithfulness:
    """How far maps can be trusted.

    Attributes:
        numbers: plain values, with the reliability_summary.
        share: (T,) of the places that the curves' points have changed.
        curves: mean curves "deletion" and "insertion" (T,) of "map", "random" and "edges".
    """

    numbers: dict[str, Any]
    share: Array
    curves: dict[str, dict[str, Array]]


def measure_faithfulness(mapper: Mapper, images: ImageSet, marked: ImageSet) -> Faithfulness:
    """Faithfulness in the maps of the predicted classes.

    Args:
        mapper: that makes them.
        images: artworks to measure on.
        marked: artworks among which those with masks are looked for.
    """
    pictures, classes = images.tensor(), torch.from_numpy(images.probabilities.argmax(axis=1))
    maps = _map(mapper, pictures, classes)
    places = (min(maps.shape[1], _FINEST), min(maps.shape[2], _FINEST))
    rivals = {
        "map": F.adaptive_avg_pool2d(maps[:, None], places)[:, 0],
        "random": faithfulness.random_maps((len(maps), *places), _SEED),
        "edges": faithfulness.edge_maps(pictures, places),
    }
    found = {name: faithfulness.curves(mapper.network, pictures, rival, classes) for name, rival in rivals.items()}
    areas = {name: dict(zip(("deletion", "insertion"), curves.areas(), strict=True)) for name, curves in found.items()}
    each = np.arange(len(maps))
    # Of a good map deletion is low and insertion high, so that both gains are positive.
    faithful = {
        curve: {
            "area": float(areas["map"][curve].mean()),
            **{
                rival: mean_with_interval(sign * (areas["map"][curve] - areas[rival][curve]), each, low=-1)
                for rival in ("random", "edges")
            },
        }
        for curve, sign in (("deletion", -1.0), ("insertion", 1.0))
    }
    stages = []
    for layer, network in faithfulness.randomised(mapper.network, _SEED):
        random_mapper = _on(mapper, network)
        # A map that is turned into its negative has not changed either.
        alike = np.abs(faithfulness.similarity(maps, _map(random_mapper, pictures, classes)))
        stages.append({"layer": layer, "similarity": float(alike.mean())})
    stable = faithfulness.stability(lambda noisy: _map(mapper, noisy, classes), pictures, NOISE, _DRAWS, _SEED)
    numbers: dict[str, Any] = {
        "n": len(images),
        "faithful": faithful,
        "randomisation": stages,
        "stability": float(stable.mean()),
        "pointing": None,
    }
    rows, masks = marked.masks()
    if len(rows):
        known = marked.take(rows)
        inputs, target = known.tensor(), torch.from_numpy(known.probabilities.argmax(axis=1))
        random = [
            pointing(_map(_on(mapper, _all_random(mapper.network, seed)), inputs, target), masks).summary()
            for seed in range(_RANDOM_NETWORKS)
        ]
        numbers["pointing"] = {
            **pointing(_map(mapper, inputs, target), masks).summary(),
            "random_weights": float(np.mean([found["pointing"] for found in random])),
            "random_weights_energy": float(np.mean([found["energy"] for found in random])),
            "edges": pointing(faithfulness.edge_maps(inputs, places), masks).summary()["pointing"],
        }
    numbers["verdict"] = reliability_summary(numbers)
    means = {
        curve: {name: getattr(curves, curve).mean(axis=0) for name, curves in found.items()}
        for curve in ("deletion", "insertion")
    }
    return Faithfulness(numbers, found["map"].share, means)


def _on(mapper: Mapper, network: nn.Module) -> Mapper:
    assert isinstance(network, PictureNetwork)
    return replace(mapper, network=network)


def _all_random(network: PictureNetwork, seed: int) -> nn.Module:
    *_, (_, changed) = faithfulness.randomised(network, seed)
    return changed


def _map(mapper: Mapper, pictures: Tensor, classes: Tensor) -> Tensor:
    return mapper.maps(pictures, classes[:, None])[:, 0]


@dataclass(frozen=True)
class ClassPictures:
    """What a network takes most for each class.

    Attributes:
        pictures: (K, size, size, 3) in 0..1.
        measures: for each class its logit, probability and total variation.
        ablation: for each regulariser the means of the same, or empty where it was not asked for.
    """

    pictures: NDArray[np.float32]
    measures: list[dict[str, float]]
    ablation: dict[str, dict[str, float]]


def visualise_classes(network: PictureNetwork, classes: int, size: int, steps: int, ablate: bool) -> ClassPictures:
    """Class pictures with all regularisers, and the ablation of these as a table.

    Args:
        network: from pictures to logits.
        classes: number K.
        size: side in pixels.
        steps: of each optimisation.
        ablate: whether to draw them without regulariser and with each one alone, too.
    """
    every, mean = torch.arange(classes), data_mean(network)
    asked = ablations() if ablate else {"all": ALL}
    pictures = {name: class_model_visualisation(network, every, mean, size, one, steps) for name, one in asked.items()}
    measures = {name: _measure(network, found) for name, found in pictures.items()}
    ablation = {
        name: {key: float(np.mean([row[key] for row in rows])) for key in rows[0]} for name, rows in measures.items()
    }
    return ClassPictures(pictures["all"].permute(0, 2, 3, 1).numpy(), measures["all"], ablation if ablate else {})


@torch.inference_mode()
def _measure(network: PictureNetwork, pictures: Tensor) -> list[dict[str, float]]:
    logits = network(pictures)
    # A picture that only this very network at this very place takes for the class has a low probability here.
    moved = torch.softmax(network(pictures.roll((3, 3), (2, 3))), 1)
    shares = torch.softmax(logits, 1)
    return [
        {
            "logit": float(logits[k, k]),
            "probability": float(shares[k, k]),
            "probability_shifted": float(moved[k, k]),
            "total_variation": float(total_variation(pictures[[k]])),
        }
        for k in range(len(pictures))
    ]


def measure_cues(images: ImageSet, classes: int, probabilities: Callable[[Tensor], Array]) -> dict[str, Any]:
    """How much of the accuracy survives when pictures are reduced to their global or to their local cues.

    Args:
        images: labelled artworks.
        classes: number K.
        probabilities: (n, K) of pictures (n, 3, size, size).

    Returns:
        `n`, `chance` (share of the largest class), and for each of `kinds` what it `keeps`, its `acc` and `by_class`
        (None for a class without artworks).
    """
    pictures, label = images.tensor(), images.label
    kinds: dict[str, tuple[str, Callable[[Tensor], Tensor]]] = {
        "whole": ("whole", lambda same: same),
        **INPUT_ABLATIONS,
    }
    found = {}
    for name, (keeps, reduce) in kinds.items():
        right = probabilities(reduce(pictures)).argmax(axis=1) == label
        by_class = [float(right[label == k].mean()) if (label == k).any() else None for k in range(classes)]
        found[name] = {"keeps": keeps, "acc": float(right.mean()), "by_class": by_class}
    return {"n": len(label), "chance": majority_share(label), "kinds": found}


def beats(accuracy: float, chance: float, count: int) -> bool:
    """Whether the 95 % interval (Clopper-Pearson) of an accuracy on so many artworks is above chance."""
    low: float = binomtest(round(accuracy * count), count).proportion_ci(0.95).low
    return low > chance


def without_skill(images: ImageSet) -> str | None:
    """What is to be said of the maps of a network that is not clearly better than the largest class; None if it is."""
    known = images.label >= 0
    label = images.label[known]
    if len(label) == 0:
        return None
    accuracy = float((images.probabilities[known].argmax(axis=1) == label).mean())
    chance = majority_share(label)
    if beats(accuracy, chance, len(label)):
        return None
    return (
        f"These maps do not deserve belief: the network's accuracy ({accuracy:.0%} of {len(label)}) is not clearly "
        f"better than the largest class ({chance:.0%}), so there is nothing that they could explain."
    )


def cue_sentence(cues: dict[str, Any]) -> str:
    """What the reductions say, in one sentence."""
    kinds = cues["kinds"]
    whole, chance = kinds["whole"]["acc"], cues["chance"]
    if not beats(whole, chance, cues["n"]):
        return (
            f"The accuracy on whole pictures ({whole:.0%} of {cues['n']}) is not clearly better than the largest class "
            f"({chance:.0%}), so that there is nothing to lose by reducing them."
        )

    def survives(keeps: str) -> float:
        best: float = max(found["acc"] for found in kinds.values() if found["keeps"] == keeps)
        share: float = (best - chance) / (whole - chance)
        return share

    shares = {keeps: max(0.0, survives(keeps)) for keeps in ("global", "local")}
    return (
        f"Of what the model gains over the largest class ({whole:.0%} against {chance:.0%}), {shares['global']:.0%} "
        f"survives in global cues (colour and light without things) and {shares['local']:.0%} in local ones (shape and "
        f"texture without colour)."
    )
