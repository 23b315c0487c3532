"""The `emotionart` command: subcommands for everything besides training."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

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
    """A parser that names the nearest command or option for one that is not there, and lists commands if none is given.

    The parsers of its commands are of this class.
    """

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[argparse.Namespace, list[str]]:
        known, rest = super().parse_known_args(args, namespace)
        if option := next((item.partition("=")[0] for item in rest if item.startswith("-")), None):
            raise UserError(
                f"There is no option {option!r}.",
                where=self.prog,
                suggestions=nearest(option, self._option_string_actions),
                fix=f"{self.prog} --help",
            )
        # argparse takes overrides after an option for unknown arguments.
        if rest and not hasattr(known, "overrides"):
            self.error(f"unrecognized arguments: {' '.join(rest)}")
        return known, rest

    def error(self, message: str) -> NoReturn:
        groups = [action for action in self._actions if isinstance(action, argparse._SubParsersAction)]
        if any(f"required: {group.metavar}" in message for group in groups):
            self.print_help(sys.stderr)
            self.exit(2)
        super().error(message)

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
        UserError: for a command or an option that is not there.
    """
    parser = _Parser(prog="emotionart", description=__doc__)
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add_to(subparsers)
    arguments, rest = parser.parse_known_args(argv)
    if rest:
        arguments.overrides += rest
    return arguments
