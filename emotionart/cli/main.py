"""The `emotionart` command: subcommands for everything besides training."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from emotionart.cli import app, cache, config, tune
from emotionart.cli.data import command as data
from emotionart.cli.guard import guarded
from emotionart.cli.pictures import features, generate, recolour, search, suggest
from emotionart.cli.runs import compare, explain, export, figures, listing, predict, push, test, units, wandb
from emotionart.errors import UserError
from emotionart.errors import suggest as nearest

_COMMANDS = (
    *(listing, predict, test, search, suggest, export, push, explain, units, generate, recolour),
    *(compare, wandb, tune, figures, features, data, app, config, cache),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code (see `guarded`)."""

    def command() -> int | None:
        arguments = parse(argv)
        code: int | None = arguments.run(arguments)
        return code

    return guarded(command)


class _Parser(argparse.ArgumentParser):
    """A parser that suggests the nearest command for an unknown one; the parsers of commands are of this class, too."""

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if isinstance(action, argparse._SubParsersAction) and value not in action.choices:
            raise UserError(
                f"There is no command {value!r}.",
                where=self.prog,
                suggestions=nearest(value, action.choices),
                fix=f"{self.prog} --help",
            )
        super()._check_value(action, value)


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The parsed arguments, with `run`, the function that carries out the command; exits with 2 if they are wrong.

    Raises:
        UserError: for an unknown command.
    """
    parser = _Parser(prog="emotionart", description=__doc__)
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add_to(subparsers)
    arguments, rest = parser.parse_known_args(argv)
    if rest:
        # argparse takes overrides after an option for unknown arguments.
        if not hasattr(arguments, "overrides") or any(item.startswith("-") for item in rest):
            parser.error(f"unrecognized arguments: {' '.join(rest)}")
        arguments.overrides += rest
    return arguments
