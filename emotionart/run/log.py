"""The log of a run: what the console shows, and the file of a run that Hydra has not started."""

from __future__ import annotations

import logging
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
"""Format of a line of the file, also in `conf/train.yaml` and `conf/cell.yaml`."""

DETAIL = {"detail": True}
"""The `extra` of messages that are for the log file, not for the console."""

_TYPED = re.compile(r"(?:python|emotionart|wandb|pip) |[\w.]+=")
"""Starts of what is to be typed."""


class Console(logging.StreamHandler[TextIO]):
    """The console of a run: no details, and on a terminal, lines are broken between words."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a message is shown."""
        return not getattr(record, "detail", False) and bool(super().filter(record))

    def format(self, record: logging.LogRecord) -> str:
        """The message as the console shows it."""
        text = super().format(record)
        if not self.stream.isatty():
            return text
        width = shutil.get_terminal_size().columns
        return "\n".join(_broken(line, width) for line in text.split("\n"))


def _broken(line: str, width: int) -> str:
    """A line broken between words; a command or setting at its end stays whole, as it is there to be copied."""
    if len(line) <= width:
        return line
    words, _, end = line.rpartition(": ")
    if not _TYPED.match(end):
        words, end = line, ""
    broken = textwrap.wrap(f"{words}:" if end else words, width, subsequent_indent="  ", break_long_words=False,
                           break_on_hyphens=False)  # fmt: skip
    return "\n".join([*broken, *([f"  {end}"] if end else [])])


@contextmanager
def logged_to(file: Path, logger: str | None = None, console: bool = False) -> Iterator[None]:
    """Appends messages from level INFO on to a file; on exit, handlers and level are restored.

    Args:
        file: log file.
        logger: name of the logger whose messages are written; None for all.
        console: whether to show the messages on the standard output, too.
    """
    kept = logging.FileHandler(file, encoding="utf-8")
    kept.setFormatter(logging.Formatter(FORMAT))
    handlers: list[logging.Handler] = [kept]
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
        kept.close()


@contextmanager
def hushed(logger: str, level: int = logging.WARNING) -> Iterator[None]:
    """Leaves out messages up to a level that a logger and those below it have given before.

    Args:
        logger: name of the logger.
        level: the highest level that is left out.
    """
    source = logging.getLogger(logger)
    before = source.level
    source.setLevel(level + 1)
    try:
        yield
    finally:
        source.setLevel(before)
