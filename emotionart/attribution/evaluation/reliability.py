"""Reliability of maps, summarised in one sentence. The thresholds are *ours*."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RANDOMISED = 0.5
"""Rank correlation above which a randomised network's maps are too similar to those of the trained one."""

STABLE = 0.7
"""Rank correlation below which invisible noise changes a map too much."""

REMOVALS = ("blur", "road")
"""Removal methods: `removal.blurring` and `removal.imputing`."""

RIVALS = {
    "random": "random maps",
    "smoothed noise": "smoothed noise",
    "centre": "a blob in the centre",
    "mean": "the mean map of other pictures",
    "another's": "another picture's map of the same class",
}
"""Rivals from `rivals.rival_maps`, as named in a sentence."""

EFFECT = 0.5
"""Minimum effect size, the mean paired difference in standard deviations: Cohen's "medium" (1988)."""


def reliability_summary(measured: Mapping[str, Any]) -> str:
    """One sentence on the reliability of a run's maps.

    Args:
        measured: `faithful` (for each of `REMOVALS`, gain over each rival in insertion minus deletion), `randomisation`
            (magnitude of the rank correlation at each stage, the largest of which counts), `stability`, and `pointing`
            (None without known masks of informative cues: then nothing is said about locations).
    """
    rivals = [name for name in measured["faithful"][REMOVALS[0]] if name not in ("area", "edges")]
    beaten = {name: _least(measured, name) for name in [*rivals, "edges"]}
    unbeaten = {name: gain for name, gain in beaten.items() if name != "edges" and not _counts(gain)}
    closest = min(rivals, key=lambda name: beaten[name]["effect"])
    stage = max(measured["randomisation"], key=lambda stage: stage["similarity"])
    checks = [
        (
            not unbeaten,
            f"the places that they name matter more to the network than those of any rival (closest: "
            f"{RIVALS[closest]}, effect size {beaten[closest]['effect']:.1f})",
            "the places that they name matter little more to the network, or no more, than those of "
            + ", ".join(f"{RIVALS[name]} (effect size {gain['effect']:.1f})" for name, gain in unbeaten.items()),
        ),
        (
            _counts(beaten["edges"]),
            "and more than the picture's edges",
            "they say no more of the network than the picture's edges do",
        ),
        (
            stage["similarity"] < RANDOMISED,
            "they depend on the learnt weights",
            f"a network with random weights down to {stage['layer']} gives much the same maps (rank correlation "
            f"{stage['similarity']:.2f})",
        ),
        (
            measured["stability"] >= STABLE,
            "invisible noise does not change them",
            f"invisible noise changes them (rank correlation {measured['stability']:.2f})",
        ),
    ]
    place = measured.get("pointing")
    if place:
        where = (
            f"{place['pointing']:.0%} of them peak on the local cue, against {place['chance']:.0%} by chance and "
            f"{place['random_weights']:.0%} under random weights (the picture's edges: {place['edges']:.0%})"
        )
        checks.append((place["pointing_low"] > max(place["chance"], place["random_weights"]), where, where))
    good = [text for passed, text, _ in checks if passed]
    bad = [text for passed, _, text in checks if not passed]
    essential = checks[0][0] and checks[2][0]
    if not bad:
        return f"These maps deserve belief: {'; '.join(good)}."
    if essential:
        return f"These maps deserve belief with care: {'; '.join(good)}; but {'; '.join(bad)}."
    return f"These maps do not deserve belief: {'; '.join(bad)}."


def _least(measured: Mapping[str, Any], rival: str) -> Mapping[str, float]:
    """The smaller of the gains over a rival, as the map has to win with every removal method."""
    gains: list[Mapping[str, float]] = [measured["faithful"][removal][rival] for removal in REMOVALS]
    return min(gains, key=lambda gain: (gain["low"] > 0, gain["effect"]))


def _counts(gain: Mapping[str, float]) -> bool:
    return gain["low"] > 0 and gain["effect"] >= EFFECT
