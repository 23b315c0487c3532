"""Whether maps deserve belief, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RANDOMISED = 0.5
"""Rank correlation above which maps of a random network are too much like those of the trained one."""

STABLE = 0.7
"""Rank correlation below which noise that nobody sees changes a map too much."""


def reliability_summary(trust: Mapping[str, Any]) -> str:
    """One sentence on whether a run's maps deserve belief.

    Args:
        trust: `faithful` (gains in deletion and insertion area over "random" and "edges"), `randomisation` (magnitude
            of the rank correlation at each stage), `stability`, and `pointing` (None where no masks are known: then
            nothing is said of places).
    """
    deletion, insertion = (trust["faithful"][curve]["random"] for curve in ("deletion", "insertion"))
    edges = [trust["faithful"][curve]["edges"] for curve in ("deletion", "insertion")]
    last = trust["randomisation"][-1]["similarity"]
    checks = [
        (
            deletion["low"] > 0 or insertion["low"] > 0,
            "the places that they name matter more to the network than random ones",
            "the places that they name matter no more to the network than random ones",
        ),
        (
            any(gain["low"] > 0 for gain in edges),
            "and more than edges",
            "they say no more of the network than the picture's edges do",
        ),
        (
            last < RANDOMISED,
            "they depend on what was learnt",
            f"a network with random weights gives much the same maps (rank correlation {last:.2f})",
        ),
        (
            trust["stability"] >= STABLE,
            "noise that nobody sees leaves them alone",
            f"noise that nobody sees changes them (rank correlation {trust['stability']:.2f})",
        ),
    ]
    place = trust.get("pointing")
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
