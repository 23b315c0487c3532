"""How far a run is and what came of it, read from its folder: a process that died can tell nothing."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from emotionart.run.folder import RunFolder


class State(Enum):
    """Of a run's folder."""

    NEW = "new"
    STARTED = "started"
    FAILED = "failed"
    DONE = "done"


def state_of(folder: RunFolder) -> State:
    """The state of a run: started means that it was interrupted, or goes on in another process."""
    if folder.result.exists():
        return State.DONE
    status = folder.status().get("status")
    if status is None:
        return State.FAILED if folder.error.exists() else State.NEW
    return State.FAILED if status == "failed" else State.STARTED


def cause_of(folder: RunFolder) -> str:
    """One line that says why a run failed."""
    if not folder.error.exists():
        return "its process was killed"
    lines = folder.error.read_text(encoding="utf-8").splitlines()
    told = lines[1:] if lines and lines[0].endswith(" mistakes:") else lines
    return told[0] if told and told[0] else "unknown; see error.txt"


def is_gan(result: Mapping[str, Any]) -> bool:
    """Whether a result is that of a GAN, not of a classifier."""
    return result.get("kind") == "gan"


def headline(result: Mapping[str, Any]) -> str:
    """What a result says, in a few words."""
    if is_gan(result):
        return f"{result['images']:,} images seen"
    return f"test accuracy {result['test']['acc']['value']:.1%}"
