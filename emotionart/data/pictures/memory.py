"""How much memory the pictures that all threads decode at a time may take together."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class DecodingMemory:
    """Memory that threads share: who wants more than is left waits for the others.

    A thread that holds some never waits for more, so that none waits for another for ever; it wants more only for
    the picture that it has decoded already.

    Args:
        size: bytes.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._taken = 0
        self._changed = threading.Condition()
        self._own = threading.local()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps what the block takes until it ends, or the block around it that does the same."""
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
        """Takes so many bytes within a block of `held`, once they are free."""
        with self._changed:
            if not self._own.taken:
                self._changed.wait_for(lambda: self._taken == 0 or self._taken + size <= self.size)
            self._taken += size
            self._own.taken += size
