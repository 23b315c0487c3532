"""Names of artists: unifying spellings, and finding similar names."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotionart.quoting import override

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_ARTISTS = ("artist", "artists", "artist_name", "author", "creator", "painter")  # columns of that name
_BETWEEN = re.compile(r"\s*[;|&/]\s*|\s+(?:and|et|und|y|e)\s+")  # artists of one work
_SHORT = 6  # letters; shorter names that differ in one letter are seldom the same


def fold_name(name: str) -> str:
    """A name for comparison: case-folded, without accents, and with single spaces."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def spellings(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Folded name -> its spellings, most frequent first; without the empty name."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, _ in sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])):
        if fold_name(name):
            found[fold_name(name)].append(name)
    return {folded: tuple(ways) for folded, ways in found.items()}


def unify_names(names: NDArray[np.object_]) -> NDArray[np.object_]:
    """(n,) each name in its most frequent spelling."""
    ways = spellings(names)
    return np.array([ways[folded][0] if (folded := fold_name(name)) else "" for name in names], dtype=object)


def similar_names(names: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of distinct names that differ only in one letter, word order or punctuation.

    Numbers must agree: "artist 1" and "artist 2" are not similar. Names that differ in one letter become equal when the
    right letter is deleted from each, so no pairs need to be compared.
    """
    alike: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for name in set(names):
        words = sorted(re.findall(r"\w+", fold_name(name))) or [name]  # signs and emoji
        key, digits = " ".join(words), "".join(re.findall(r"\d", name))
        places = range(len(key)) if len(key) >= _SHORT else ()
        for variant in (key, *(key[:place] + key[place + 1 :] for place in places)):
            alike[variant, digits].add(name)
    return sorted({pair for group in alike.values() for pair in combinations(sorted(group), 2)})


def joint_names(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Folded name that lists several artists -> those of them, folded, who are among the names alone, at least one."""
    folded = dict.fromkeys(map(fold_name, names))
    found = {}
    for name in folded:
        known = [part for part in _BETWEEN.split(name) if part != name and part in folded]
        listed = [part.strip(" '\"") for part in name.strip("[]").split(",")]
        if len(listed) > 1 and all(part in folded for part in listed):  # a comma alone may stand before a first name
            known = listed
        if known:
            found[name] = tuple(known)
    return found


def tell_unused_artists(frame: pd.DataFrame) -> None:
    """Warns of a column of artists with several rows each, which a split without it may divide."""
    for name in frame.columns:
        cells = frame.loc[frame[name] != "", name]
        if "_".join(name.casefold().split()) in _ARTISTS and cells.duplicated().any():
            log.warning(
                "column %r is not used, so works of one artist may be on both sides of the split; to keep them "
                "together: %s", name, override("data.group", name),
            )  # fmt: skip
            return
