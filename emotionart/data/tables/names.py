"""Names of artists: when two spellings are one name, and when they might be."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

_SHORT = 6  # letters: shorter names that differ in one of them are seldom the same


def fold_name(name: str) -> str:
    """A name as it is compared: without case, accents, and spaces beyond one between words."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def spellings(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Folded name -> its spellings, the most frequent first; without "", which is nobody."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, _ in sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])):
        if fold_name(name):
            found[fold_name(name)].append(name)
    return {folded: tuple(ways) for folded, ways in found.items()}


def unify_names(names: NDArray[np.object_]) -> NDArray[np.object_]:
    """Each name in its most frequent spelling, (n,)."""
    ways = spellings(names)
    return np.array([ways[folded][0] if (folded := fold_name(name)) else "" for name in names], dtype=object)


def similar_names(names: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of different names that differ in one letter, in the order of their words, or in their punctuation.

    Numbers must agree, so that "artist 1" and "artist 2" are not similar. Two names that differ in one letter agree
    once the right letter is taken from each, so that no pairs need be compared.
    """
    alike: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for name in set(names):
        words = sorted(re.findall(r"\w+", fold_name(name)))
        key, digits = " ".join(words), "".join(re.findall(r"\d", name))
        places = range(len(key)) if len(key) >= _SHORT else ()
        for variant in (key, *(key[:place] + key[place + 1 :] for place in places)):
            alike[variant, digits].add(name)
    return sorted({pair for group in alike.values() for pair in combinations(sorted(group), 2)})
