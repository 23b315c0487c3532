"""Finds the names nearest to a misspelt one."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

_MOST = 3
_LEAST = 0.6  # similarity below which names share little more than letters


def nearest_keys(key: str, candidates: Sequence[str]) -> list[str]:
    """The dotted keys most similar to `key`, at most three, best first."""
    ranked = sorted(candidates, key=lambda candidate: likeness(key, candidate), reverse=True)
    return [candidate for candidate in ranked[:_MOST] if likeness(key, candidate) >= _LEAST]


def likeness(key: str, candidate: str) -> float:
    """Similarity of two dotted keys, 0 to 1: of the last part (70 %) and of the whole keys (30 %)."""
    name, other = key.rpartition(".")[2], candidate.rpartition(".")[2]
    same = other.startswith(f"{name}_")  # lr matches lr_generator
    last = 1.0 if same else difflib.SequenceMatcher(None, name, other).ratio()
    return 0.7 * last + 0.3 * difflib.SequenceMatcher(None, key, candidate).ratio()
