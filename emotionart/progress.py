"""Progress of long work: a bar on a terminal, a few plain lines in a log."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.progress import Progress

log = logging.getLogger(__name__)
Item = TypeVar("Item")


def progress_bar(items: Iterable[Item], what: str, total: int, batch: int = 1) -> Iterator[Item]:
    """Yields `items` and shows progress: a bar if stderr is a terminal, else a log line at each quarter.

    Args:
        items: what is worked through, single things or batches of them; may be lazy.
        what: description of the work as a present participle ("reading pictures").
        total: number of things.
        batch: number of things in each item; the last one may have fewer.
    """
    if sys.stderr.isatty():
        with Progress(transient=True) as bar:
            task = bar.add_task(what, total=total)
            for item in items:
                yield item
                bar.advance(task, batch)
        return
    before = 0
    for item in items:
        yield item
        done = min(before + batch, total)
        if done * 4 // total != before * 4 // total:
            log.info("%s: %d of %d", what, done, total)
        before = done


def duration(seconds: float) -> str:
    """Seconds in words: "40 s", "12 min", "3.5 h"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
