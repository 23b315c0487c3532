"""What a class of a label set is called: an emotion where the label set says so, else a class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Noun = Literal["class", "emotion"]


def noun_of(config: Mapping[str, Any]) -> Noun:
    """What a run calls its classes.

    Args:
        config: the run's configuration; one without `labels.noun`, of an earlier version, says nothing of emotions.
    """
    return "emotion" if config.get("labels", {}).get("noun") == "emotion" else "class"


def plural(noun: Noun) -> str:
    """The word for several classes."""
    return {"class": "classes", "emotion": "emotions"}[noun]
