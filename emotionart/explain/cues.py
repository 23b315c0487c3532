"""Global or local? How much of a network's gain over chance survives if one kind of cue comes from other pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from emotionart.attribution.input_ablations import combining, draw_partners
from emotionart.explain.images import ImageSet
from emotionart.explain.skill import Skill
from emotionart.progress import progress_bar
from emotionart.statistics.estimate import TAILS

Array = NDArray[np.float64]

_PARTNERS = 4  # of any class, and as many of the same class; accuracies are averaged over them
_RESAMPLES = 2_000


def measure_cues(
    images: ImageSet, classes: int, probabilities: Callable[[Tensor], Array], majority: int
) -> dict[str, Any]:
    """Measures the accuracy on pictures combined from two, for the class of either, and the shares that survive.

    This is the permutation importance (Breiman 2001) of the other kind of cue, told as what is left. Combined pictures
    look unfamiliar, which costs accuracy by itself. So the shares are of the gain on pictures combined from two of the
    same class, where both kinds of cue are as informative as in whole pictures, and as unfamiliar as in the others.

    Args:
        images: labelled artworks.
        classes: number K of classes.
        probabilities: function from pictures (n, 3, size, size) to probabilities (n, K).
        majority: the largest class of the training split.

    Returns:
        `n`, `size` (side of the pictures in pixels), `chance` (accuracy of the majority baseline); for each of `kinds`
        ("whole", "combined": from two of one class; "global", "local": with only these cues of the class in question)
        its `acc` and `by_class` (None for a class without artworks); and for "global" and "local" in `survives` the
        share of the combined pictures' gain over chance that is left: `value`, with a 95 % bootstrap interval over
        artworks.
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
    """For each kind, how often (n,), 0 to 1, each artwork's class is predicted from its cues of this kind."""
    right = {kind: np.zeros(len(label)) for kind in ("combined", "global", "local")}
    combine = combining(pictures)
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
    # A classifier on features sees the pictures smaller here than in its test, and may be right on others.
    scale = f"at {cues['size']} × {cues['size']} pixels"
    for accuracy, what in ((whole, "whole pictures"), (combined, "pictures combined from two of one class")):
        if not Skill(accuracy, chance, n).above_chance:
            return (
                f"The accuracy on {what} ({accuracy:.0%} of {n}, {scale}) is not clearly better than the majority "
                f"baseline ({chance:.0%}), so exchanging cues cannot show anything."
            )
    left = {kind: _in_words(value) for kind, value in cues["survives"].items()}
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
