"""Messages on the console: those of a command, and of one that carries out many runs."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from emotionart.terminal import Console

_SHOWN = ("emotionart.cli", "emotionart.sweeps", "emotionart.progress", "emotionart.inputs.pretrained")
"""Loggers that are shown; the last one warns of random features."""


def show_messages(level: int = logging.INFO) -> None:
    """Shows messages on stderr, so that stdout has nothing but the results."""
    logging.basicConfig(level=level, format="%(message)s", handlers=[Console(sys.stderr)])


@contextmanager
def log_to_console() -> Iterator[None]:
    """Shows the progress of a sweep, a search or long work on the console; a run's own messages go to its `run.log`.

    Launchers set up logging for each cell; on exit, handlers and levels are restored.
    """
    console = Console(sys.stdout)
    console.setFormatter(logging.Formatter("%(message)s"))
    console.addFilter(_first_warning())
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


def _first_warning() -> Callable[[logging.LogRecord], bool]:
    """A log filter that shows each warning once: every cell of a sweep may give the same one."""
    warned: set[str] = set()

    def is_new(record: logging.LogRecord) -> bool:
        text = record.getMessage()
        repeated = record.levelno == logging.WARNING and text in warned
        warned.add(text)
        return not repeated

    return is_new
