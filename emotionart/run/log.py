"""The log of a run that Hydra has not started."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emotionart.terminal import Console

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
"""Format of a line of the file, also in `conf/train.yaml` and `conf/cell.yaml`."""


@contextmanager
def log_to_file(file: Path, logger: str | None = None, console: bool = False) -> Iterator[None]:
    """Appends messages from level INFO on to a file; on exit, handlers and level are restored.

    Args:
        file: log file.
        logger: name of the logger whose messages are written; None for all.
        console: whether to show the messages on the standard output, too.
    """
    log_file = logging.FileHandler(file, encoding="utf-8")
    log_file.setFormatter(logging.Formatter(FORMAT))
    handlers: list[logging.Handler] = [log_file]
    if console:
        handlers.append(Console(sys.stdout))  # without a formatter, it shows the message alone
    source = logging.getLogger(logger)
    level = source.level
    source.setLevel(logging.INFO)
    for handler in handlers:
        source.addHandler(handler)
    try:
        yield
    finally:
        source.setLevel(level)
        for handler in handlers:
            source.removeHandler(handler)
        log_file.close()


@contextmanager
def suppress_messages(logger: str, level: int = logging.WARNING) -> Iterator[None]:
    """Suppresses messages of a logger and those below it, up to a level.

    Args:
        logger: name of the logger.
        level: highest level that is suppressed.
    """
    source = logging.getLogger(logger)
    before = source.level
    source.setLevel(level + 1)
    try:
        yield
    finally:
        source.setLevel(before)
