"""Lines on a terminal: sentences are broken between words, rows and what is copied are not; elsewhere nothing is."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

DETAIL = {"detail": True}
"""The `extra` of messages that are for the log file, not for the console."""

_USUAL = 80  # columns of a terminal that does not tell
_HANG = 2  # columns by which the rest of a broken line is indented
_WORD = r"""(?:[^\s"']|"[^"]*"|'[^']*'|"(?![^"]*")|'(?![^']*'))+"""  # with what is in quotes; a lone quote is a letter
_SETTING = rf"[+~]*[\w.@/]+={_WORD}(?<![,;])(?=\s|$)"  # not of a list in a sentence
_TYPED = re.compile(
    # The place of a mistake.
    # A command, up to the next ";" or two spaces, or settings, at the start or after ":", ";", "or", "then" or a gap.
    rf"""(?<=^where:\ ).+
    |(?:(?<=^)|(?<=[:;]\ )|(?<=\ \ )|(?<=\ or\ )|(?<=\ then\ ))(?:
        (?:python|emotionart|wandb|pip)(?:\ (?!\ ){_WORD}(?<!;))+
        |{_SETTING}(?:\ {_SETTING})*
    )""",
    re.VERBOSE,
)
"""What is to be copied and typed."""


def terminal_width(stream: TextIO | None = None) -> int | None:
    """Width of the terminal in characters; None if the output goes elsewhere, where any width will do.

    Args:
        stream: where the output goes; None for the standard output.
    """
    out = stream or sys.stdout
    if not out.isatty():
        return None
    try:
        width = os.get_terminal_size(out.fileno()).columns
    except OSError:  # also of a stream that is drawn above a bar, which has no file
        width = 0
    return int(os.environ.get("COLUMNS") or 0) or width or _USUAL


def write_rows(*rows: str) -> None:
    """Writes rows of results, and paths after a word or two, to the standard output as they are."""
    sys.stdout.write("".join(f"{row}\n" for row in rows))


def write_lines(*lines: str, stream: TextIO | None = None, paths: Iterable[Path] = ()) -> None:
    """Writes lines, broken if the stream is a terminal.

    Args:
        lines: what is written; each may have several lines itself.
        stream: None for the standard output.
        paths: paths in the lines, which stay whole.
    """
    out = stream or sys.stdout
    width = terminal_width(out)
    out.write("".join(f"{broken(line, width, paths)}\n" for line in lines))


def broken(text: str, width: int | None, paths: Iterable[Path] = ()) -> str:
    """Text whose lines are broken between words, with a hanging indent.

    Single words, and paths, commands and settings that are to be copied stay whole, whatever their length.

    Args:
        text: one line or several.
        width: maximum width of a line in characters; None leaves the text as it is.
        paths: paths in the text, which may contain spaces.
    """
    if width is None:
        return text
    whole = re.compile("|".join([*(rf"\S*{re.escape(str(path))}\S*" for path in paths), _TYPED.pattern]), re.VERBOSE)
    return "\n".join("\n".join(_broken(line, width, whole)) for line in text.split("\n"))


def _broken(line: str, width: int, whole: re.Pattern[str]) -> Iterator[str]:
    if len(line) <= width:
        yield line
        return
    indent = line[: len(line) - len(line.lstrip())]
    hanging = indent + " " * _HANG
    current = indent
    for gap, piece in _pieces(line.lstrip(), whole):
        if current.strip() and len(current) + len(gap) + len(piece) > width:
            yield current
            current = hanging + piece
        else:
            current += gap + piece
    yield current


def _pieces(line: str, whole: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Pieces that are not broken, each with the spaces before it."""
    place = 0
    for match in [*whole.finditer(line), None]:
        words = line[place : match.start() if match else None]
        gap = words[len(words.rstrip()) :]
        yield from re.findall(r"(\s*)(\S+(?: %\S*)?)", words)
        if match:
            yield gap, match.group()
            place = match.end()


class Console(logging.StreamHandler[TextIO]):
    """The console of every command: no details, and lines broken as by `broken` if it is a terminal."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a message is shown."""
        return not getattr(record, "detail", False) and bool(super().filter(record))

    def emit(self, record: logging.LogRecord) -> None:
        """Writes the message; above a bar, if one is drawn: it has replaced the standard streams for this."""
        own = self.stream
        present = sys.stdout if own is sys.__stdout__ else sys.stderr if own is sys.__stderr__ else own
        self.stream = present if own.isatty() else own
        try:
            super().emit(record)
        finally:
            self.stream = own

    def format(self, record: logging.LogRecord) -> str:
        """The message as the console shows it; paths among its arguments stay whole."""
        arguments = record.args if isinstance(record.args, tuple) else ()
        paths = [argument for argument in arguments if isinstance(argument, Path)]
        return broken(super().format(record), terminal_width(self.stream), paths)
