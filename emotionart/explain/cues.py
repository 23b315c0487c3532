"""Global or local? How much of a network's gain over chance survives with one kind of cue alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from emotionart.attribution.input_ablations import global_cues, local_cues
from emotionart.explain.images import ImageSet
from emotionart.explain.skill import Skill
from emotionart.statistics.baseline import majority_share

Array = NDArray[np.float64]

_PARTNERS = 4  # pictures whose colours each one takes in turn; probabilities are averaged over them
_RESAMPLES = 2_000


def measure_cues(images: ImageSet, classes: int, probabilities: Callable[[Tensor], Array]) -> dict[str, Any]:
    """Measures the accuracy on whole pictures and on their global or local cues alone, and the shares that survive.

    Args:
        images: labelled artworks.
        classes: number K of classes.
        probabilities: function from pictures (n, 3, size, size) to probabilities (n, K).

    Returns:
        `n`, `size` (side of the pictures in pixels), `chance` (share of the largest class); for each of `kinds`
        ("whole", "global", "local") its `acc` and `by_class` (None for a class without artworks); and for "global" and
        "local" in `survives` the share of the whole pictures' gain over chance that is left: `value`, with a 95 %
        bootstrap interval over artworks.
    """
    label = images.label
    chance = majority_share(label)
    right = {
        kind: np.mean([probabilities(pictures) for pictures in variants], axis=0).argmax(axis=1) == label
        for kind, variants in _variants(images.tensor()).items()
    }
    kinds = {
        kind: {
            "acc": float(hits.mean()),
            "by_class": [float(hits[label == k].mean()) if (label == k).any() else None for k in range(classes)],
        }
        for kind, hits in right.items()
    }
    survives = {kind: _share(right[kind], right["whole"], chance) for kind in ("global", "local")}
    return {"n": len(label), "size": images.size, "chance": chance, "kinds": kinds, "survives": survives}


def _variants(pictures: Tensor) -> dict[str, Iterator[Tensor]]:
    return {
        "whole": iter([pictures]),
        "global": iter([global_cues(pictures)]),
        "local": (local_cues(pictures, seed) for seed in range(_PARTNERS)),
    }


def _share(hits: NDArray[np.bool_], whole: NDArray[np.bool_], chance: float) -> dict[str, float | None]:
    rows = np.random.default_rng(0).integers(0, len(hits), (_RESAMPLES, len(hits)))
    gains = whole[rows].mean(axis=1) - chance
    shares = (hits[rows].mean(axis=1) - chance)[gains > 0] / gains[gains > 0]
    gain = float(whole.mean()) - chance
    if gain <= 0 or not len(shares):
        return {"value": None, "low": None, "high": None}
    low, high = np.percentile(shares, [2.5, 97.5])
    return {"value": (float(hits.mean()) - chance) / gain, "low": float(low), "high": float(high)}


def cue_sentence(cues: dict[str, Any]) -> str:
    """The result of `measure_cues` in one sentence."""
    whole, chance, n = cues["kinds"]["whole"]["acc"], cues["chance"], cues["n"]
    # A classifier on features sees the pictures smaller here than in its test, and may be right on others.
    seen = f"at {cues['size']} × {cues['size']} pixels"
    if not Skill(whole, chance, n).above_chance:
        return (
            f"The accuracy on whole pictures ({whole:.0%} of {n}, {seen}) is not clearly better than the largest class "
            f"({chance:.0%}), so removing cues cannot show anything."
        )
    left = {kind: _in_words(found) for kind, found in cues["survives"].items()}
    return (
        f"Of what the network gains over the largest class ({whole:.0%} against {chance:.0%}, {seen}), "
        f"{left['global']} survives in global cues alone (colour, light and texture, without shapes) and "
        f"{left['local']} in local cues alone (shapes, on other pictures' colours)."
    )


def _in_words(share: dict[str, float]) -> str:
    """A share and its interval as text, clipped to 0 to 100 %, which estimates may exceed by chance."""
    value, low, high = (min(1.0, max(0.0, share[key])) for key in ("value", "low", "high"))
    return f"{value:.0%} ({low:.0%} to {high:.0%})"
