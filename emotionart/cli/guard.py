"""The outermost handler of every command: what a user can mend ends in one message and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from emotionart.cli.signals import stoppable
from emotionart.errors import UserError
from emotionart.files import failure_of

INTERRUPTED, TERMINATED = 130, 143


def guarded(command: Callable[[], int | None]) -> int:
    """Carries out a command and returns its exit code.

    0 done, 1 failed, 2 a mistake in what was asked, 130 Ctrl-C, 143 SIGTERM or SIGUSR1. A bug keeps its traceback.
    """
    try:
        with stoppable():
            code = command()
        sys.stdout.flush()
        return code or 0
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except BrokenPipeError:
        # Whoever read the other end (`| head`) has gone; without this, Python complains again as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except SystemExit as end:
        if end.code not in (INTERRUPTED, TERMINATED):
            raise
        sys.stderr.write("Interrupted.\n")
        return int(end.code)
    except OSError as error:
        failure = failure_of(error)
        sys.stderr.write(f"{failure}\n")
        return failure.exit_code
