"""Labels that may be one: spelled nearly alike, or forms of one word."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

from emotionart.data.tables.names import similar_names

_SHORTEST = 4  # letters; shorter labels that differ in one letter are seldom the same
_STEM = 3  # letters; shorter stems have unlike words in common
_NUMBER = re.compile(r"^\d+ ?[.):_-] ?")
_FORM = re.compile(r"(?:fulness|ness|ful|ment|ed|s)$")


def similar_labels(labels: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of labels with nearly equal names, of forms of one word ("sad", "sadness"), and with and without a number.

    Args:
        labels: folded labels.
    """
    forms: defaultdict[str, set[str]] = defaultdict(set)
    for label in labels:
        forms[_stem(label)].add(label)
    same = {pair for stem, group in forms.items() if len(stem) >= _STEM for pair in combinations(sorted(group), 2)}
    numbered = {(label, bare) for label in labels if (bare := _NUMBER.sub("", label)) != label and bare in set(labels)}
    return sorted(same | numbered | set(similar_names(labels, _SHORTEST)))


def numbers_among_names(labels: Sequence[str]) -> list[str]:
    """The labels that are numbers, if others are names; empty if all are, or none is."""
    numbers = [label for label in labels if re.fullmatch(r"\d+(\.0)?", label)]
    return numbers if any(letter.isalpha() for label in labels for letter in label) else []


def _stem(label: str) -> str:
    """A label without an ending of English nouns, adjectives and plurals, and without "e", "y" or "i" before it."""
    stem = _FORM.sub("", label) if label.isalpha() else label
    return stem.rstrip("eyi") if len(stem) > _STEM else stem
