"""`emotionart data check`: reports everything that is wrong with a table at once."""

from __future__ import annotations

import argparse
import shlex
from typing import Any

from emotionart.cli.console import show_messages
from emotionart.cli.data.arguments import add_source, read_arguments, table_and_overrides
from emotionart.counting import counted
from emotionart.errors import Failure
from emotionart.terminal import write_lines


def add_to(actions: Any) -> None:
    """Adds the action to the parser of `emotionart data`."""
    parser = actions.add_parser(
        "check", help="list everything that is wrong with a table, by row; exit code 1 if training would fail"
    )
    add_source(parser)
    parser.set_defaults(run=_check)


def _check(arguments: argparse.Namespace) -> None:
    from emotionart.data.survey.check import check_artworks

    show_messages()
    data = read_arguments(*table_and_overrides(arguments))
    checked = check_artworks(data.source, data.grouping, data.cache)
    lines = [f"warning: {warning}" for warning in checked.warnings]
    lines += [f"mistake {number}: {mistake}" for number, mistake in enumerate(checked.mistakes, 1)]
    lines += checked.split
    write_lines(*lines)
    if checked.mistakes:
        raise Failure(
            f"{counted(len(checked.mistakes), 'mistake')}: training on this table would fail.",
            where=str(data.table),
        )
    write_lines(f"ready: python train.py {shlex.join(data.overrides)}")
