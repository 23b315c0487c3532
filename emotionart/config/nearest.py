"""The names nearest to what was written."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

_LEAST = 0.6  # likeness, below which names have little more in common than letters


def nearest_keys(key: str, candidates: Sequence[str], most: int = 3) -> list[str]:
    """The dotted keys most like `key`, best first."""
    ranked = sorted(candidates, key=lambda candidate: likeness(key, candidate), reverse=True)
    return [candidate for candidate in ranked[:most] if likeness(key, candidate) >= _LEAST]


def likeness(key: str, candidate: str) -> float:
    """Likeness of two dotted keys, 0 to 1: that of the last part counts most, then that of the whole."""
    wanted, found = key.rpartition(".")[2], candidate.rpartition(".")[2]
    same = found.startswith(f"{wanted}_")  # lr_generator is one of what lr asks for
    last = 1.0 if same else difflib.SequenceMatcher(None, wanted, found).ratio()
    return 0.7 * last + 0.3 * difflib.SequenceMatcher(None, key, candidate).ratio()
