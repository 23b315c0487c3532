"""Global and local cues: the share of a network's gain over chance that each of them retains alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from emotionart.attribution.input_ablations import cue_combiner, draw_partners
from emotionart.explain.images import ImageSet
from emotionart.explain.skill import is_above
from emotionart.progress import progress_bar
from emotionart.statistics.estimate import linearised

Array = NDArray[np.float64]

_PARTNERS = 4  # partners of any class, and as many of the same class, to average accuracies over


def measure_cues(
    images: ImageSet, classes: int, probabilities: Callable[[Tensor], Array], majority: int
) -> dict[str, Any]:
    """Accuracy on pictures that combine the global cues of one artwork with the local cues of another.

    The complement of the permutation importance (Breiman 2001) of the exchanged cues. Combined pictures look
    unfamiliar, which costs accuracy by itself. Gains are therefore relative to that on combinations of two artworks of
    one class, which are as unfamiliar, and in which both kinds of cue are informative.

    Args:
        images: labelled artworks.
        classes: number K of classes.
        probabilities: function from pictures (n, 3, size, size) to probabilities (n, K).
        majority: the largest class of the training split.

    Returns:
        `n` artworks; `size`, the side of the pictures in pixels; `chance`, the accuracy of the majority baseline;
        `kinds`: "whole" pictures, those "combined" from two of one class, and those in which only the "global" or only
        the "local" cues are of the class in question, each with `acc`, `above_chance` (clearly, see `is_above`) and
        `by_class` (None for a class without artworks); `survives`: for "global" and "local", the share of the gain over
        chance on combined pictures that is left, as {"value", "low", "high"} with a 95 % interval, see `_share`.
    """
    label = images.label
    baseline = label == majority
    chance = float(baseline.mean())
    right = _right(images.tensor(), label, probabilities)
    kinds = {
        kind: {
            "acc": float(hits.mean()),
            "above_chance": is_above(hits, baseline, images.unit),
            "by_class": [float(hits[label == k].mean()) if (label == k).any() else None for k in range(classes)],
        }
        for kind, hits in right.items()
    }
    survives = {kind: _share(right[kind], right["combined"], chance, images.unit) for kind in ("global", "local")}
    return {"n": len(label), "size": images.size, "chance": chance, "kinds": kinds, "survives": survives}


def _right(pictures: Tensor, label: NDArray[np.int64], probabilities: Callable[[Tensor], Array]) -> dict[str, Array]:
    """Kind -> (n,) share of the partners, 0 to 1, with which each artwork's class is predicted from these cues."""
    right = {kind: np.zeros(len(label)) for kind in ("combined", "global", "local")}
    combine = cue_combiner(pictures)
    for seed in progress_bar(range(_PARTNERS), "combining pictures with partners", _PARTNERS):
        partner = draw_partners(np.zeros_like(label), seed)
        predicted = probabilities(combine(partner)).argmax(axis=1)
        right["local"] += (predicted == label) / _PARTNERS
        right["global"][partner] += (predicted == label[partner]) / _PARTNERS
        predicted = probabilities(combine(draw_partners(label, seed))).argmax(axis=1)
        right["combined"] += (predicted == label) / _PARTNERS
    whole = (probabilities(pictures).argmax(axis=1) == label).astype(np.float64)
    return {"whole": whole, **right}


def _share(hits: Array, combined: Array, chance: float, group: NDArray[np.intp]) -> dict[str, float | None]:
    """Share of the gain of `combined` (n,) over chance that `hits` (n,) retain, with its interval over groups (n,).

    None where it is unknown: without a gain, all; with a single group, the interval.
    """
    gain = float(combined.mean()) - chance
    if gain <= 0:
        return {"value": None, "low": None, "high": None}
    share = (float(hits.mean()) - chance) / gain
    influence = (hits - hits.mean() - share * (combined - combined.mean())) / (gain * len(hits))
    estimate = linearised(share, influence, group)
    low, high = estimate.interval() if estimate.known else (None, None)
    return {"value": share, "low": low, "high": high}


def cue_sentence(cues: dict[str, Any]) -> str:
    """The result of `measure_cues` in one sentence."""
    whole, combined = cues["kinds"]["whole"]["acc"], cues["kinds"]["combined"]["acc"]
    chance = cues["chance"]
    # A classifier on features gets smaller pictures here than in its test, and may be right on other ones.
    scale = f"at {cues['size']} × {cues['size']} pixels"
    for kind, name in (("whole", "whole pictures"), ("combined", "pictures combined from two of one class")):
        if not cues["kinds"][kind]["above_chance"]:
            return (
                f"The accuracy on {name} ({cues['kinds'][kind]['acc']:.0%} of {cues['n']}, {scale}) is not clearly "
                f"better than the majority baseline ({chance:.0%}), so exchanging cues cannot show anything."
            )
    left = {name: _in_words(value) for name, value in cues["survives"].items()}
    return (
        f"Of what the network gains over the majority baseline on pictures combined from two of one class "
        f"({combined:.0%} against {chance:.0%}, {scale}; whole pictures: {whole:.0%}), {left['global']} survives "
        f"in global cues alone (colour and light, with other pictures' shapes) and {left['local']} in local cues alone "
        "(shapes, with other pictures' colours)."
    )


def _in_words(share: dict[str, float]) -> str:
    """A share and its interval as text, clipped to 0 to 100 %, which estimates may exceed by chance."""
    value, low, high = (min(1.0, max(0.0, share[key])) for key in ("value", "low", "high"))
    return f"{value:.0%} ({low:.0%} to {high:.0%})"
