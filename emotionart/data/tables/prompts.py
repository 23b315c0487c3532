"""Prompts: sentences that describe a picture of each class, for an image-text model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emotionart.errors import UserError, suggest

Prompts = Mapping[str, Sequence[str]]
"""Class -> its prompts."""


def check_prompts(prompts: Mapping[str, Any], classes: Sequence[str]) -> list[UserError]:
    """Errors in the user's prompts: unknown classes, and values that are not lists of texts."""
    mistakes = []
    for name, texts in prompts.items():
        where = f"labels.prompts.{name}"
        if name not in classes:
            what = f"There is no class {name!r} to have prompts."
            mistakes.append(UserError(what, where=where, suggestions=suggest(str(name), classes) or classes))
        elif not (_is_list(texts) and texts and all(isinstance(text, str) and text.strip() for text in texts)):
            fix = f'{name}: ["a painting that …", "a picture of …"]'
            mistakes.append(UserError("A class's prompts are a list of texts.", where=where, fix=fix))
    return mistakes


def complete_prompts(prompts: Prompts, words: Prompts, prefix: str) -> dict[str, list[str]]:
    """The prompts of every class.

    Args:
        prompts: the user's prompts for some of the classes.
        words: words for each class, such as its raw labels.
        prefix: precedes each word of a class without given prompts.
    """
    return {name: list(prompts.get(name) or [f"{prefix} {word}" for word in own]) for name, own in words.items()}


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
