"""The state and outcome of a run, read from its folder, since a dead process cannot report them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from emotionart.run.folder import RunFolder


class State(Enum):
    """The state of a run folder."""

    NEW = "new"
    STARTED = "started"
    FAILED = "failed"
    DONE = "done"


def state_of(folder: RunFolder) -> State:
    """The state of a run; STARTED means that it was interrupted or is running in another process."""
    if folder.result.exists():
        return State.DONE
    status = folder.status().get("status")
    if status is None:
        return State.FAILED if folder.error.exists() else State.NEW
    return State.FAILED if status == "failed" else State.STARTED


def cause_of(folder: RunFolder) -> str:
    """The cause of a run's failure, in one line."""
    if not folder.error.exists():
        return "its process was killed"
    lines = folder.error.read_text(encoding="utf-8").splitlines()
    messages = lines[1:] if lines and lines[0].endswith(" mistakes:") else lines
    return messages[0] if messages and messages[0] else "unknown; see error.txt"


def is_gan(result: Mapping[str, Any]) -> bool:
    """Whether a result is of a GAN rather than a classifier."""
    return result.get("kind") == "gan"


def headline(result: Mapping[str, Any]) -> str:
    """A result in a few words."""
    if is_gan(result):
        return f"{result['images']:,} images seen"
    return f"test accuracy {result['test']['acc']['value']:.1%}"
