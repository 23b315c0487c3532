"""Global and local cues: the share of a network's gain over chance that each of them retains alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from emotionart.attribution.input_ablations import cue_combiner, draw_partners
from emotionart.explain.images import ImageSet
from emotionart.explain.skill import Skill
from emotionart.progress import progress_bar
from emotionart.statistics.estimate import TAILS

Array = NDArray[np.float64]

_PARTNERS = 4  # partners of any class, and as many of the same class, to average accuracies over
_RESAMPLES = 2_000


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
        the "local" cues are of the class in question, each with `acc` and `by_class` (None for a class without
        artworks); `survives`: for "global" and "local", the share of the gain over chance on combined pictures that is
        left, as {"value", "low", "high"} with a 95 % bootstrap interval over artworks, None without a gain.
    """
    label = images.label
    chance = float((label == majority).mean())
    right = _right(images.tensor(), label, probabilities)
    kinds = {
        kind: {
            "acc": float(hits.mean()),
            "by_class": [float(hits[label == k].mean()) if (label == k).any() else None for k in range(classes)],
        }
        for kind, hits in right.items()
    }
    survives = {kind: _share(right[kind], right["combined"], chance) for kind in ("global", "local")}
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


def _share(hits: Array, combined: Array, chance: float) -> dict[str, float | None]:
    """Share of the gain of `combined` (n,) over chance that `hits` (n,) retain, with its bootstrap interval."""
    rows = np.random.default_rng(0).integers(0, len(hits), (_RESAMPLES, len(hits)))
    gains = combined[rows].mean(axis=1) - chance
    shares = (hits[rows].mean(axis=1) - chance)[gains > 0] / gains[gains > 0]
    gain = float(combined.mean()) - chance
    if gain <= 0 or not len(shares):
        return {"value": None, "low": None, "high": None}
    low, high = np.quantile(shares, TAILS)
    return {"value": (float(hits.mean()) - chance) / gain, "low": float(low), "high": float(high)}


def cue_sentence(cues: dict[str, Any]) -> str:
    """The result of `measure_cues` in one sentence."""
    whole, combined = cues["kinds"]["whole"]["acc"], cues["kinds"]["combined"]["acc"]
    chance, n = cues["chance"], cues["n"]
    # A classifier on features gets smaller pictures here than in its test, and may be right on other ones.
    scale = f"at {cues['size']} × {cues['size']} pixels"
    for accuracy, kind in ((whole, "whole pictures"), (combined, "pictures combined from two of one class")):
        if not Skill(accuracy, chance, n).above_chance:
            return (
                f"The accuracy on {kind} ({accuracy:.0%} of {n}, {scale}) is not clearly better than the majority "
                f"baseline ({chance:.0%}), so exchanging cues cannot show anything."
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
