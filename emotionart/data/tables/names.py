"""Names of artists: unifying spellings, and finding similar names."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotionart.quoting import override

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_ARTISTS = ("artist", "artists", "artist_name", "author", "creator", "painter")  # columns of that name
_BETWEEN = re.compile(r"\s*[;|&/]\s*")  # artists of one work
_AND = re.compile(r"\s+(?:and|et|und|y|e)\s+")  # and what may also stand within the name of one
_LIST = re.compile(r"\[(.*)\]|\((['\"].*['\"],?)\)|\{(['\"].*['\"])\}")  # a list, tuple or set in a cell
_ITEM = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|([^\s,'\"][^,]*)")
_NOBODY = re.compile(
    r"(un(known|identified|attributed)|anon|anonym\w*|various)\b[^;|&/]*|(and )?(others?|co\.?|al\.?)|et al\.?"
    r"|(\w+ )?(workshop|studio|followers?|pupils?|assistants?|circle|school)|\W*|n/a|nan|none|null"
)
"""What stands in lists of artists and links no works: "Rubens; workshop" and "Titian; workshop" share no artist."""

_GAP = re.compile(r"^(\d+)\.0$")
_LIFE = re.compile(r"[(\[]?\b1\d{3} ?[-\N{EN DASH}] ?(?:1|2)\d{3}[)\]]?")
"""The years of a life, as museums write them behind a name."""

_SHORT = 6  # letters; shorter names that differ in one letter are seldom the same


def fold_name(name: str) -> str:
    """A name for comparison: case-folded, without accents and invisible signs, and with single spaces.

    A number has no ".0", as those of a column with gaps do.
    """
    letters = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(one for one in letters if not unicodedata.combining(one) and unicodedata.category(one) != "Cf")
    return _GAP.sub(r"\1", " ".join(plain.split()))


def spellings(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Folded name -> its spellings, most frequent first; without the empty name."""
    by_name: defaultdict[str, list[str]] = defaultdict(list)
    for name, _ in sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])):
        if fold_name(name):
            by_name[fold_name(name)].append(name)
    return {folded: tuple(ways) for folded, ways in by_name.items()}


def unify_names(names: NDArray[np.object_]) -> NDArray[np.object_]:
    """(n,) each name in its most frequent spelling."""
    ways = spellings(names)
    return np.array([ways[folded][0] if (folded := fold_name(name)) else "" for name in names], dtype=object)


def ungrouped_warning(groups: NDArray[np.object_]) -> str | None:
    """The warning that some artworks have no group; None if all have one, or none has."""
    alone = int((groups == "").sum())
    if not 0 < alone < len(groups):
        return None
    return f"{alone} artworks have no group (artist); each counts alone in the split"


def similar_names(names: Sequence[str], shortest: int = _SHORT) -> list[tuple[str, str]]:
    """Pairs of distinct names that differ only in one letter, word order, spaces, punctuation, initials or years.

    Numbers must agree, but for the years of a life: "artist 1" and "artist 2" are not similar. Names that differ in one
    letter become equal when the right letter is deleted from each, so no pairs need to be compared.

    Args:
        names: the names.
        shortest: letters that a name has at least for one of them to differ.
    """
    alike: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for name in set(names):
        letters = re.search(r"[^\W\d]", name)  # otherwise signs, emoji, or numbers such as -1 and 1
        words = _words(name) if letters else [name]
        key, digits = " ".join(sorted(words)), "".join(re.findall(r"\d", _LIFE.sub("", name)))
        places = range(len(key)) if letters and len(key) >= shortest else ()
        for variant in (key, "".join(words), *(key[:place] + key[place + 1 :] for place in places)):
            alike[variant, digits].add(name)
    return sorted({pair for group in alike.values() for pair in combinations(sorted(group), 2)} | _abbreviated(names))


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", _LIFE.sub("", fold_name(name)))


def _abbreviated(names: Sequence[str]) -> set[tuple[str, str]]:
    """Pairs of names of which one has initials in place of words of the other: "C. Monet" and "Claude Monet"."""
    words = {name: _words(name) for name in set(names)}
    having: defaultdict[str, list[str]] = defaultdict(list)
    for name, parts in words.items():
        for part in parts:
            having[part].append(name)
    pairs = set()
    for name, parts in words.items():
        initials = sorted(part for part in parts if len(part) == 1 and part.isalpha())
        whole = sorted(part for part in parts if len(part) > 1)
        for other in having[max(whole, key=len)] if initials and whole else ():
            rest = Counter(words[other]) - Counter(whole)
            if (
                rest.total() + len(whole) == len(words[other])
                and sorted(part[0] for part in rest.elements()) == initials
            ):
                pairs.add((min(name, other), max(name, other)))
    return {(one, other) for one, other in pairs if one != other}


def artists_of(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Folded name -> the artists that it names, folded: itself, or those of a list.

    Semicolons, bars, "&" and slashes stand between artists, and so do the commas of a list in brackets. "And" in some
    languages and a comma alone may also stand within a name ("Rubens, Peter Paul"): "and" divides a name if a part of
    it is an artist elsewhere among the names, commas do if all parts are.
    """
    sure = {name: _listed(name) for name in dict.fromkeys(map(fold_name, names))}
    known = {artist for artists in sure.values() for artist in artists}
    return {
        name: tuple(dict.fromkeys(part for artist in artists for part in _divided(artist, known)))
        for name, artists in sure.items()
    }


def share_artists(names: Sequence[str], others: Iterable[str]) -> NDArray[np.bool_]:
    """(n,) whether each name has an artist of the other names; see `artists_of`. Empty names have none."""
    ours = [fold_name(name) for name in names]
    theirs = set(map(fold_name, others)) - {""}
    artists = artists_of([*ours, *theirs])
    their_artists = {artist for name in theirs for artist in artists[name]}
    return np.array([name != "" and not their_artists.isdisjoint(artists[name]) for name in ours], dtype=bool)


def joint_names(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Folded name that lists several artists -> these, folded, if another name has one of them."""
    artists = artists_of(names)
    having = Counter(artist for named in artists.values() for artist in named)
    return {
        name: named
        for name, named in artists.items()
        if any(having[artist] > 1 for artist in named) and name.strip(" [](){}'\",;|&/") not in named
    }


def _listed(name: str) -> list[str]:
    """The artists whom brackets and signs divide in a folded name, without those who are nobody; else the name."""
    within = _LIST.fullmatch(name)
    cells = ["".join(item) for item in _ITEM.findall(next(filter(None, within.groups()), ""))] if within else [name]
    parts = [part for cell in cells if not _NOBODY.fullmatch(cell) for part in _BETWEEN.split(cell)]
    artists = [part.strip(" '\"") for part in parts]
    return [artist for artist in artists if not _NOBODY.fullmatch(artist)] or [name]


def _divided(artist: str, known: Container[str]) -> list[str]:
    """The artists whom "and" and commas divide in a name, if they are known; else the name."""
    artists: list[str] = []
    for part in _AND.split(artist):
        listed = [item for item in (item.strip(" '\"") for item in part.split(",")) if item]
        if len(listed) > 1 and all(item in known for item in listed):
            artists += listed
        elif part != artist and part in known:
            artists.append(part)
    return artists or [artist]


def warn_of_unused_artists(frame: pd.DataFrame) -> None:
    """Warns of a column of artists with several rows each, which a split without it may divide."""
    for name in frame.columns:
        cells = frame.loc[frame[name] != "", name]
        if "_".join(name.casefold().split()) in _ARTISTS and cells.duplicated().any():
            log.warning(
                "column %r is not used, so works of one artist may be on both sides of the split; to keep them "
                "together: %s", name, override("data.group", name),
            )  # fmt: skip
            return
