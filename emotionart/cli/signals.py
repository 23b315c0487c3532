"""How commands end where they are told to stop."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_STOPPING = {
    signal.SIGINT: 128 + signal.SIGINT,
    signal.SIGTERM: 128 + signal.SIGTERM,
    signal.SIGUSR1: 128 + signal.SIGTERM,
}
"""Signals that end a command, with its exit code; SLURM gives notice by SIGUSR1 where it is asked to."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Ctrl-C, SIGTERM and SIGUSR1 end the block by a `SystemExit` of 130 or 143, so that whatever is open is closed.

    A second signal does not disturb that. Only a process's main thread can use it.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        for each in _STOPPING:
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(_STOPPING[signal.Signals(number)])

    before = {number: signal.signal(number, stop) for number in _STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
