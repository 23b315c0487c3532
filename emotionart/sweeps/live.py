"""A table of a sweep's cells at the foot of the terminal while they run."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.live import Live
from rich.table import Table

from emotionart.progress import duration, terminal
from emotionart.run.state import State, cause_of, state_of
from emotionart.sweeps.job import FROZEN
from emotionart.sweeps.plan import SweepJob

_MOST = 8
"""Cells of each kind that are named."""

_SECONDS = 1.0
"""Between two looks at the cells' folders."""


@contextmanager
def show_live(cells: Sequence[SweepJob]) -> Iterator[None]:
    """Shows the cells of a launch within the block, if stdout and stderr are terminals; log lines appear above."""
    if not (sys.stdout.isatty() and sys.stderr.isatty()):
        yield
        return
    with Live(LiveTable(cells), console=terminal(), transient=True):
        yield


class LiveTable:
    """How many cells of a launch are done, running, failed and waiting, the time left, and which run or have failed.

    Args:
        cells: cells of the launch, with their frozen configurations in their folders, before it starts.
    """

    def __init__(self, cells: Sequence[SweepJob]) -> None:
        self._open = list(cells)
        self._total = len(self._open)
        self._marks = {cell.name: _started(cell) for cell in cells}
        self._running: list[SweepJob] = []
        self._failed: list[SweepJob] = []
        self._begun = time.time()
        self._looked = 0.0

    def __rich__(self) -> Table:
        """The table as it is now."""
        if time.monotonic() - self._looked > _SECONDS:
            self._look()
            self._looked = time.monotonic()
        table = Table.grid(padding=(0, 2))
        for _ in range(3):
            table.add_column(no_wrap=True, overflow="ellipsis")
        rows = [("running", cell, duration(time.time() - _started(cell))) for cell in self._running]
        rows += [("failed", cell, cause_of(cell.folder)) for cell in self._failed]
        for kind in ("running", "failed"):
            named = [(state, cell.title, detail) for state, cell, detail in rows if state == kind]
            for row in named[:_MOST]:
                table.add_row(*row)
            if len(named) > _MOST:
                table.add_row("", f"and {len(named) - _MOST} more")
        outer = Table.grid()
        outer.add_row(self._counts())
        outer.add_row(table)
        return outer

    def _look(self) -> None:
        """Reads the state of the cells that are not done; of those that no process has started, only the time stamp."""
        still, running, failed = [], [], []
        for cell in self._open:
            # Time stamps of some file systems are whole seconds, in which a short cell may begin and end.
            begun = _started(cell) != self._marks[cell.name] or cell.folder.result.exists()
            state = state_of(cell.folder) if begun else State.NEW
            if state is not State.DONE:
                still.append(cell)
            if state is State.STARTED:
                running.append(cell)
            if state is State.FAILED:
                failed.append(cell)
        self._open, self._running, self._failed = still, running, failed

    def _counts(self) -> str:
        done, running, failed = self._total - len(self._open), len(self._running), len(self._failed)
        counts = f"{done} done · {running} running · {failed} failed · {self._total - done - running - failed} waiting"
        ended = done + failed
        if not ended:
            return counts
        left = (time.time() - self._begun) / ended * (self._total - ended)
        return f"{counts} · about {duration(left)} left"


def _started(cell: SweepJob) -> float:
    """When the cell was started, or before that prepared, in seconds since 1970; 0 if it has been moved away."""
    try:
        return (cell.folder.path / FROZEN).stat().st_mtime
    except OSError:
        return 0.0
