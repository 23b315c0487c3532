"""Numbers with their nouns."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """The number with thousands separators, and its noun, whose plural ends in s: 1 picture, 1,200 pictures."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
