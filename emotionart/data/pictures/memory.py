"""A memory budget for pictures decoded by several threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class DecodingMemory:
    """A memory budget shared by threads: a thread that asks for more than is left waits for the others.

    To avoid deadlocks, a thread that already holds memory never waits for more; it only asks for more to process the
    picture that it has decoded.

    Args:
        size: budget in bytes.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._taken = 0
        self._changed = threading.Condition()
        self._own = threading.local()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Context that releases the memory taken in it at its end, or at the end of the outermost such context."""
        depth, before = getattr(self._own, "depth", 0), getattr(self._own, "taken", 0)
        self._own.depth, self._own.taken = depth + 1, before
        try:
            yield
        finally:
            self._own.depth = depth
            if depth == 0:
                with self._changed:
                    self._taken -= self._own.taken
                    self._own.taken = 0
                    self._changed.notify_all()

    def take(self, size: int) -> None:
        """Waits for and takes `size` bytes; only within a context of `held`."""
        with self._changed:
            if not self._own.taken:
                self._changed.wait_for(lambda: self._taken == 0 or self._taken + size <= self.size)
            self._taken += size
            self._own.taken += size
