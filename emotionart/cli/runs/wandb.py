"""`emotionart wandb`: creates a report or a saved view of a sweep in W&B."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from emotionart.cli.console import show_messages
from emotionart.terminal import write_lines


def add_to(subparsers: Any) -> None:
    """Adds the subcommands to the parser of `emotionart`."""
    parser = subparsers.add_parser("wandb", help="a report, or a saved view, of a sweep in W&B")
    actions = parser.add_subparsers(metavar="ACTION", dest="action", required=True)
    for name, description in (
        ("report", "a report: findings, table, panels of the runs by row, figures"),
        ("workspace", "a saved view: the runs by row, bars with deviations, curves"),
    ):
        action = actions.add_parser(name, help=description)
        action.add_argument("folder", type=Path, metavar="SWEEP", help="outputs/sweeps/NAME or outputs/multirun/TIME")
        action.set_defaults(run=_send)


def _send(arguments: argparse.Namespace) -> None:
    from emotionart.compare.tracking.report import send_report
    from emotionart.compare.tracking.workspace import send_workspace

    show_messages()
    send = send_report if arguments.action == "report" else send_workspace
    write_lines(f"{send(arguments.folder)}")
