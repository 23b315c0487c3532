"""Short names of rows: the words that tell them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

_GAP = "…"


def shorten(names: Sequence[Sequence[str]], length: int) -> list[str]:
    """The words of each name, joined by commas; of a longer name, the words that tell it best from the others.

    An ellipsis stands for what is left out. A number is added to names that would become the same.

    Args:
        names: words of each name; no two names are the same.
        length: maximum length of a name in characters, without the number.
    """
    shortened = []
    counts: Counter[str] = Counter()
    for words in names:
        name = ", ".join(words)
        short = (
            name
            if len(name) <= length
            else _distinctive_words(words, [other for other in names if other != words], length)
        )
        counts[short] += 1
        shortened.append(short if counts[short] == 1 else f"{short} #{counts[short]}")
    return shortened


def distinct_ends(paths: Sequence[Path]) -> list[str]:
    """The last part of each of several different paths, or as many last parts as make them different."""
    parts = [path.absolute().parts for path in paths]
    for depth in range(1, max(map(len, parts)) + 1):
        ends = ["/".join(one[-depth:]) for one in parts]
        if len({*ends}) == len(ends):
            return ends
    return [str(path) for path in paths]


def _distinctive_words(words: Sequence[str], others: Sequence[Collection[str]], length: int) -> str:
    """As many words as fit: first those that tell the name from most of the others, then in their order."""
    if len(words) == 1:
        return _cut(words[0], length)
    short = [_cut(word, length // 2) for word in words]
    kept: list[int] = []
    rest = list(range(len(words)))
    while rest:
        index = max(rest, key=lambda index: sum(words[index] not in other for other in others))
        rest.remove(index)
        if len(_with_gaps(short, [*kept, index])) <= length:
            kept.append(index)
            others = [other for other in others if words[index] in other]
    return _with_gaps(short, kept)


def _with_gaps(words: Sequence[str], kept: Collection[int]) -> str:
    parts: list[str] = []
    for index, word in enumerate(words):
        if index in kept and word != _GAP:
            parts.append(word)
        elif parts[-1:] != [_GAP]:
            parts.append(_GAP)
    return ", ".join(parts)


def _cut(word: str, length: int) -> str:
    """A word without its middle, if it is too long."""
    half = length // 2
    return word if len(word) <= length else f"{word[: half - 1]}{_GAP}{word[-half:]}"
