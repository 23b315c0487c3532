"""The commands in processes of their own, forked from one that has imported everything: importing a run takes seconds.

The parent of the forks runs nothing but imports: a process that has computed with several threads cannot be forked.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import get_all_start_methods, get_context, set_start_method
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[1]

_CONTEXT: Any = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.imported"])


def environment() -> dict[str, str]:
    """The environment of a user without a W&B account."""
    return {key: value for key, value in os.environ.items() if not key.startswith("WANDB")} | {"NETRC": os.devnull}


def imported(*arguments: str) -> tuple[str, set[str]]:
    """What Python writes to stderr if it is called with arguments, and the top-level names of what it imports.

    A package that is only imported as the parent of a module is not listed, but the module is.
    """
    command = [sys.executable, "-X", "importtime", *arguments]
    finished = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment())
    listed = [line for line in finished.stderr.splitlines() if line.startswith("import time:")]
    return finished.stderr, {line.rpartition("|")[2].strip().partition(".")[0] for line in listed}


class Command:
    """`python train.py …`, `python sweep.py …` or `emotionart …` as a user starts it, in a session of its own.

    Args:
        script: "train" or "sweep"; "main" for `emotionart`.
        arguments: of the command line.
        cwd: working folder.
        env: environment.
        first: called in the process before the command; a function of a module.
    """

    def __init__(
        self,
        script: str,
        *arguments: str,
        cwd: Path = ROOT,
        env: Mapping[str, str] | None = None,
        first: Callable[[], None] | None = None,
    ) -> None:
        self._outputs = TemporaryDirectory()
        self._out, self._err = (Path(self._outputs.name) / name for name in ("out", "err"))
        self._process = _CONTEXT.Process(
            target=_carry_out, args=(script, arguments, cwd, dict(env or environment()), self._out, self._err, first)
        )
        self._process.start()
        self.pid: int = self._process.pid

    def running(self) -> bool:
        """Whether it has not ended yet."""
        return bool(self._process.is_alive())

    def lines(self) -> list[str]:
        """What it has written to its standard output so far."""
        return self._out.read_text().splitlines() if self._out.exists() else []

    def wait_for(self, happened: Callable[[], bool]) -> None:
        """Returns as soon as something has happened, which it must before its end."""
        while not happened():
            assert self.running(), self.finish().stderr
            time.sleep(0.005)

    def kill(self, kind: signal.Signals) -> None:
        """Sends a signal to it, unless it has ended, and to the processes that it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, kind)

    def signal(self, kind: signal.Signals) -> None:
        """Sends a signal to it alone, as `kill PID` does."""
        os.kill(self.pid, kind)

    def finish(self, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Waits for its end; the exit code is negative where a signal has ended it."""
        self._process.join(timeout)
        assert not self.running(), "it has not ended in time"
        told = [file.read_text() if file.exists() else "" for file in (self._out, self._err)]
        return subprocess.CompletedProcess([], self._process.exitcode, *told)


def _carry_out(
    script: str,
    arguments: tuple[str, ...],
    cwd: Path,
    env: dict[str, str],
    out: Path,
    err: Path,
    first: Callable[[], None] | None,
) -> None:
    os.setsid()
    set_start_method(get_all_start_methods()[0], force=True)  # and not the one that it was itself started by
    for number, file in ((1, out), (2, err)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1) for number in (1, 2))
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.path.insert(0, str(ROOT))
    sys.argv = [f"{script}.py"]
    from importlib import import_module

    if first:
        first()
    sys.exit(import_module(f"emotionart.cli.{script}").main(list(arguments)))
