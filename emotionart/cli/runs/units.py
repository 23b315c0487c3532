"""`emotionart units`: what the units of a run's network respond to."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from emotionart.cli.arguments import add_spreadsheet, add_trust, require_range
from emotionart.cli.console import show_messages
from emotionart.terminal import write_rows


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser(
        "units", help="what the units of a run's network detect, and which classes need them"
    )
    parser.add_argument("folder", type=Path, metavar="RUN", help="folder of a classifier's run")
    parser.add_argument("--out", type=Path, metavar="FOLDER", required=True, help="folder to create")
    parser.add_argument("--n", type=int, default=24, help="units on the page (default 24)")
    parser.add_argument("--layer", help="layer of the units (default: the last one with a spatial output)")
    parser.add_argument(
        "--steps", type=int, default=32, help="optimisation steps of the units' pictures; 0: none (default 32)"
    )
    parser.add_argument(
        "--concept",
        type=Path,
        metavar="FOLDER",
        action="append",
        default=[],
        help="examples of a concept, to measure which classes it pushes the network towards; may be repeated",
    )
    add_spreadsheet(parser)
    add_trust(parser)
    parser.set_defaults(run=_units)


def _units(arguments: argparse.Namespace) -> None:
    from emotionart.explain.units.units import Options, write_units

    show_messages()
    require_range(arguments, "n", 1)
    require_range(arguments, "steps", 0)
    page = write_units(
        arguments.folder,
        arguments.out,
        Options(
            count=arguments.n,
            layer=arguments.layer,
            steps=arguments.steps,
            concepts=arguments.concept,
            spreadsheet=arguments.spreadsheet,
            trust=arguments.trust,
        ),
    )
    write_rows(f"{page}")
