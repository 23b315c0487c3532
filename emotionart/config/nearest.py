"""Finds the names nearest to a misspelt one."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

_LEAST = 0.6  # similarity below which names share little more than letters


def nearest_keys(key: str, candidates: Sequence[str], most: int = 3) -> list[str]:
    """The dotted keys most similar to `key`, best first: by the last part (70 %) and by the whole key (30 %)."""

    def likeness(candidate: str) -> float:
        wanted, found = key.rpartition(".")[2], candidate.rpartition(".")[2]
        same = found.startswith(f"{wanted}_")  # lr matches lr_generator
        last = 1.0 if same else difflib.SequenceMatcher(None, wanted, found).ratio()
        return 0.7 * last + 0.3 * difflib.SequenceMatcher(None, key, candidate).ratio()

    ranked = sorted(candidates, key=likeness, reverse=True)
    return [candidate for candidate in ranked[:most] if likeness(candidate) >= _LEAST]
