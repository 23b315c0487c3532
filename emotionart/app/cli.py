"""The `emotionart` command: a subcommand for each thing a user does beside training."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from emotionart.app import cache, config, data
from emotionart.errors import UserError

_COMMANDS = (config, data, cache)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code: 0 done, 2 a mistake in what was asked."""
    parser = argparse.ArgumentParser(prog="emotionart", description=__doc__)
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add_to(subparsers)
    arguments = parser.parse_args(argv)
    try:
        arguments.run(arguments)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0
