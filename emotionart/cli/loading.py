"""A line on the terminal before torch is imported, which takes seconds."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from typing import Any


@contextmanager
def announce_loading() -> Iterator[None]:
    """Writes a line to stderr when something in the block imports torch for the first time, if that is a terminal."""
    announcer = _Announcer()
    sys.meta_path.insert(0, announcer)
    try:
        yield
    finally:
        sys.meta_path.remove(announcer)


class _Announcer(MetaPathFinder):
    """Finds no module, but is asked before each is imported."""

    def __init__(self) -> None:
        self._done = False

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        if fullname == "torch" and not self._done:
            self._done = True
            if sys.stderr.isatty():
                sys.stderr.write("loading torch …\n")
