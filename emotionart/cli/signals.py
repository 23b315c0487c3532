"""Orderly end of a command on Ctrl-C or a signal."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from emotionart.errors import INTERRUPTED, TERMINATED

_STOPPING = {
    signal.SIGINT: INTERRUPTED,
    signal.SIGTERM: TERMINATED,
    signal.SIGUSR1: TERMINATED,
}
"""Signals that end a command, with its exit code; SLURM can be asked to give notice by SIGUSR1."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Lets Ctrl-C, SIGTERM and SIGUSR1 end the block with `SystemExit` 130 or 143, so that open resources are closed.

    Further signals are ignored meanwhile. For a process's main thread only.
    """
    received: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        for each in _STOPPING:
            signal.signal(each, signal.SIG_IGN)
        received.append(_STOPPING[signal.Signals(number)])
        raise SystemExit(received[0])

    before = {number: signal.signal(number, stop) for number in _STOPPING}
    try:
        yield
    except Exception as error:
        if received:  # compiled code that calls Python, such as pydantic's, may raise an error of its own instead
            raise SystemExit(received[0]) from error
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
