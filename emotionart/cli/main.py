"""The `emotionart` command: a subcommand for each thing a user does beside training."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from emotionart.cli import cache, compare, config, explain, features, generate, predict, runs
from emotionart.cli.data import command as data
from emotionart.errors import UserError

_COMMANDS = (runs, predict, explain, generate, compare, features, data, config, cache)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code: 0 done, 2 a mistake in what was asked."""
    parser = argparse.ArgumentParser(prog="emotionart", description=__doc__)
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add_to(subparsers)
    arguments, rest = parser.parse_known_args(argv)
    if rest:
        # argparse takes overrides that come after an option for unknown arguments.
        if not hasattr(arguments, "overrides") or any(item.startswith("-") for item in rest):
            parser.error(f"unrecognized arguments: {' '.join(rest)}")
        arguments.overrides += rest
    try:
        arguments.run(arguments)
        sys.stdout.flush()
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except BrokenPipeError:
        # Whoever read the other end (`| head`) has gone; without this, Python complains again as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0
