"""Sentences that a picture of each class might be described by, for a model that reads texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emotionart.errors import UserError, suggest

Prompts = Mapping[str, Sequence[str]]
"""Class -> its prompts."""


def check_prompts(prompts: Mapping[str, Any], classes: Sequence[str]) -> list[UserError]:
    """What is wrong with the prompts that a user gives: unknown classes, and what is no list of texts."""
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


def complete_prompts(given: Prompts, words: Prompts, prefix: str) -> dict[str, list[str]]:
    """The prompts of every class.

    Args:
        given: by the user, of some of the classes.
        words: what each class means, such as its raw labels.
        prefix: stands before each word of a class whose prompts are not given.
    """
    return {name: list(given.get(name) or [f"{prefix} {word}" for word in known]) for name, known in words.items()}


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
