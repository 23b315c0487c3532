"""`emotionart push`: uploads a run to the Hugging Face Hub."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from emotionart.errors import UserError
from emotionart.terminal import write_lines

_HUB = "hf:"


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("push", help="a run's card, weights and configuration on the Hugging Face Hub")
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="folder of a finished run")
    parser.add_argument("--to", required=True, metavar="hf:USER/NAME", help="a new repository, private at first")
    parser.set_defaults(run=_push)


def _push(arguments: argparse.Namespace) -> None:
    from emotionart.run.folder import RunFolder
    from emotionart.run.sharing.push import push

    if not arguments.to.startswith(_HUB):
        raise UserError(
            "A run can be pushed to the Hugging Face Hub only.", where=f"--to {arguments.to}", fix="--to hf:USER/NAME"
        )
    address = push(RunFolder(arguments.run_folder), arguments.to.removeprefix(_HUB))
    write_lines(f"{address}: private until you make it public; read its card first")
