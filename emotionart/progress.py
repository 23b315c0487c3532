"""Progress of long work: a bar on a terminal, a few plain lines in a log."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.progress import track as rich_track

log = logging.getLogger(__name__)
Item = TypeVar("Item")


def progress_bar(items: Iterable[Item], what: str, total: int) -> Iterator[Item]:
    """Yields `items` and shows progress: a bar if stderr is a terminal, else a log line at each quarter.

    Args:
        items: items to work through; may be lazy.
        what: description of the work as a present participle ("reading pictures").
        total: number of items.
    """
    if sys.stderr.isatty():
        yield from rich_track(items, description=what, total=total, transient=True)
        return
    for done, item in enumerate(items, 1):
        yield item
        if done * 4 // total != (done - 1) * 4 // total:
            log.info("%s: %d of %d", what, done, total)


def duration(seconds: float) -> str:
    """Seconds in words: "40 s", "12 min", "3.5 h"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
