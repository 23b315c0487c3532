"""`emotionart figures`: draws, explains and logs runs that have a result."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionart.cli.arguments import add_trust
from emotionart.cli.console import show_messages
from emotionart.errors import Failure, UserError
from emotionart.terminal import write_rows

if TYPE_CHECKING:
    from emotionart.run.folder import RunFolder


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("figures", help="redraw the figures of finished runs, and make what is missing")
    parser.add_argument("folders", nargs="+", type=Path, metavar="RUN", help="folders of runs, or of sweeps")
    add_trust(parser)
    parser.set_defaults(run=_figures)


def _figures(arguments: argparse.Namespace) -> None:
    from emotionart.pipeline import complete
    from emotionart.run.page import PAGE

    show_messages()
    missing = {}
    for run in _runs(arguments.folders):
        missing[run.path] = complete(run.path, arguments.trust)
        write_rows(str(run.figures), str(run.path / PAGE))
    failed = [f"{path} ({', '.join(names)})" for path, names in missing.items() if names]
    if failed:
        raise Failure(f"Still missing: {'; '.join(failed)}.")


def _runs(folders: Sequence[Path]) -> Iterator[RunFolder]:
    """Each folder that is a run; of any other, the finished runs in it."""
    from emotionart.run.folder import RunFolder, finished_runs

    for folder in folders:
        if RunFolder(folder).config.exists():
            yield RunFolder(folder)
            continue
        runs = finished_runs(folder)
        if not runs:
            raise UserError("There is no finished run here.", where=str(folder), fix="python train.py")
        yield from runs
