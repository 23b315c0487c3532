"""What the console shows of commands that carry out many runs."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SHOWN = ("emotionart.cli", "emotionart.sweeps", "emotionart.progress")


@contextmanager
def told_on_console() -> Iterator[None]:
    """Shows how a sweep or a search goes and how far long work is; what a run says is in its `run.log`.

    Launchers set up logging for each cell; afterwards all is as it was.
    """
    console = logging.StreamHandler(sys.stdout)
    console.setFormatter(logging.Formatter("%(message)s"))
    shown = [logging.getLogger(name) for name in _SHOWN]
    before = [(logger, logger.handlers[:], logger.level) for logger in (logging.root, *shown)]
    for logger in shown:
        logger.setLevel(logging.INFO)
        logger.handlers = [console]
    try:
        yield
    finally:
        for logger, handlers, level in before:
            logger.handlers = handlers
            logger.setLevel(level)
