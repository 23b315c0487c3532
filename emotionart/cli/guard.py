"""The outermost handler of every command: turns a user's mistake into one message and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from emotionart.cli.loading import announce_loading
from emotionart.cli.signals import stoppable
from emotionart.errors import INTERRUPTED, TERMINATED, UserError
from emotionart.files import failure_of
from emotionart.terminal import write_lines


def guarded(command: Callable[[], int | None]) -> int:
    """Runs a command and returns its exit code.

    0 success, 1 failure, 2 a mistake in the arguments, 130 Ctrl-C, 143 SIGTERM or SIGUSR1. A bug keeps its traceback.
    """
    try:
        with stoppable(), announce_loading():
            code = command()
        sys.stdout.flush()
        return code or 0
    except UserError as error:
        write_lines(str(error), stream=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # The reader of the pipe (`| head`) has gone; without this, Python would complain again on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except SystemExit as end:
        if end.code not in (INTERRUPTED, TERMINATED):
            raise
        notes = getattr(end, "__notes__", [])  # how to go on: of a run, then of what it is part of
        write_lines(f"Interrupted; {notes[-1]}" if notes else "Interrupted.", stream=sys.stderr)
        return int(end.code)
    except OSError as error:
        failure = failure_of(error)
        write_lines(str(failure), stream=sys.stderr)
        return failure.exit_code


@contextmanager
def repeatable(command: str) -> Iterator[None]:
    """If the block is interrupted, `guarded` names this command to go on with, rather than that of a run inside it.

    Another such block inside, for the same program, goes first.
    """
    try:
        yield
    except SystemExit as end:
        program = f"to go on: {' '.join(command.split()[:2])}"
        if not any(note.startswith(program) for note in getattr(end, "__notes__", [])):
            end.add_note(f"to go on: {command}")
        raise
