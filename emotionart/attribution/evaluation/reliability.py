"""Reliability of maps, summarised in one sentence. The thresholds are *ours*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

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


class _Check(NamedTuple):
    """A check of the maps: whether it passed, and what to say if it did or did not."""

    passed: bool
    strength: str
    weakness: str
    essential: bool = False


def reliability_summary(measured: Mapping[str, Any]) -> str:
    """One sentence on the reliability of a run's maps.

    Args:
        measured: `faithful` (for each of `REMOVALS`, gain over each rival in insertion minus deletion), `randomisation`
            (magnitude of the rank correlation at each stage, the largest of which counts), `stability`, and `pointing`
            (None without known masks of informative cues: then nothing is said about locations).
    """
    checks = [
        *_rival_checks(measured),
        _randomisation_check(measured["randomisation"]),
        _Check(
            measured["stability"] >= STABLE,
            "invisible noise does not change them",
            f"invisible noise changes them (rank correlation {measured['stability']:.2f})",
        ),
    ]
    if pointing := measured.get("pointing"):
        checks.append(_pointing_check(pointing))
    strengths = "; ".join(check.strength for check in checks if check.passed)
    weaknesses = "; ".join(check.weakness for check in checks if not check.passed)
    if not weaknesses:
        return f"These maps are reliable: {strengths}."
    if all(check.passed for check in checks if check.essential):
        return f"These maps are reliable with reservations: {strengths}; but {weaknesses}."
    return f"These maps are not reliable: {weaknesses}."


def _rival_checks(measured: Mapping[str, Any]) -> tuple[_Check, _Check]:
    """Whether the maps beat all rivals, and the picture's edges."""
    rivals = [name for name in measured["faithful"][REMOVALS[0]] if name not in ("area", "edges")]
    gains = {name: _least(measured, name) for name in rivals}
    closest = min(rivals, key=lambda name: gains[name]["effect"])
    unbeaten = [
        f"{RIVALS[name]} (effect size {gain['effect']:.1f})" for name, gain in gains.items() if not _counts(gain)
    ]
    return (
        _Check(
            not unbeaten,
            f"the regions that they highlight matter more to the network than those of any rival (closest: "
            f"{RIVALS[closest]}, effect size {gains[closest]['effect']:.1f})",
            "the regions that they highlight matter little more to the network, or no more, than those of "
            + ", ".join(unbeaten),
            essential=True,
        ),
        _Check(
            _counts(_least(measured, "edges")),
            "and more than the picture's edges",
            "they say no more about the network than the picture's edges do",
        ),
    )


def _randomisation_check(stages: Sequence[Mapping[str, Any]]) -> _Check:
    """Whether the maps change with the network's weights at every stage of randomisation."""
    stage = max(stages, key=lambda stage: stage["similarity"])
    return _Check(
        stage["similarity"] < RANDOMISED,
        "they depend on the learnt weights",
        f"a network with random weights down to {stage['layer']} gives much the same maps (rank correlation "
        f"{stage['similarity']:.2f})",
        essential=True,
    )


def _pointing_check(pointing: Mapping[str, float]) -> _Check:
    """Whether the maps peak on the local cue more often than by chance, and than under random weights."""
    sentence = (
        f"{pointing['pointing']:.0%} of them peak on the local cue, against {pointing['chance']:.0%} by chance and "
        f"{pointing['random_weights']:.0%} under random weights (the picture's edges: {pointing['edges']:.0%})"
    )
    passed = pointing["pointing_low"] > max(pointing["chance"], pointing["random_weights"])
    return _Check(passed, sentence, sentence)


def _least(measured: Mapping[str, Any], rival: str) -> Mapping[str, float]:
    """The smaller of the gains over a rival, as the map has to win with every removal method."""
    gains: list[Mapping[str, float]] = [measured["faithful"][removal][rival] for removal in REMOVALS]
    return min(gains, key=lambda gain: (gain["low"] > 0, gain["effect"]))


def _counts(gain: Mapping[str, float]) -> bool:
    """Whether a gain is significant and not negligible."""
    return gain["low"] > 0 and gain["effect"] >= EFFECT
