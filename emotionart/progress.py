"""Progress of long work: a bar on a terminal, a few plain lines in a log."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress

SPEED_PERIOD = 3600.0
"""Seconds of steps that a bar estimates the time left from: a single step may take half a minute."""

log = logging.getLogger(__name__)
Item = TypeVar("Item")


@cache
def terminal() -> Console:
    """The console, on stderr, of everything that is redrawn: rich keeps apart only what one console draws."""
    return Console(stderr=True)


def progress_bar(items: Iterable[Item], what: str, total: int, batch: int = 1) -> Iterator[Item]:
    """Yields `items` and shows progress, as `shown_progress`.

    Args:
        items: what is worked through, single things or batches of them; may be lazy.
        what: description of the work as a present participle ("reading pictures").
        total: number of things.
        batch: number of things in each item; the last one may have fewer.
    """
    with shown_progress(what, total) as advance:
        for item in items:
            yield item
            advance(batch)


@contextmanager
def shown_progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Shows progress: a bar if stderr is a terminal, else a log line at each quarter.

    Args:
        what, total: as for `progress_bar`.

    Yields:
        A function to call with the number of things that have been done since the last call.
    """
    if sys.stderr.isatty():
        with Progress(console=terminal(), transient=True, speed_estimate_period=SPEED_PERIOD) as bar:
            yield partial(bar.advance, bar.add_task(what, total=total))
        return
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        before, done = done, min(done + more, total)
        if done * 4 // total != before * 4 // total:
            log.info("%s: %d of %d", what, done, total)

    yield advance


def duration(seconds: float) -> str:
    """Seconds in words: "40 s", "12 min", "3.5 h"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
