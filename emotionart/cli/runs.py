"""`emotionart runs`: what has been run, how far it is, and what came of it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionart.errors import UserError

if TYPE_CHECKING:
    from emotionart.run.folder import RunFolder


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("runs", help="list runs: state, folder, outcome")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("outputs"), help="where to look (default outputs)")
    parser.set_defaults(run=_runs)


def _runs(arguments: argparse.Namespace) -> None:
    from emotionart.run.folder import RunFolder

    found = [RunFolder(file.parent) for file in arguments.folder.rglob("run.json")]
    if not found:
        raise UserError("There is no run here.", where=str(arguments.folder), fix="python train.py")
    found.sort(key=lambda run: run.status_file.stat().st_mtime)
    for run in found:
        try:
            line = f"{run.status()['status']:<12} {run.path}  {_outcome(run)}"
        except (UserError, OSError, LookupError, TypeError, ValueError, AttributeError) as error:
            # Whatever somebody else's folder holds, it hides no other.
            line = f"{'damaged':<12} {run.path}  {_why(error)}"
        sys.stdout.write(f"{line}\n")


def _why(error: Exception) -> str:
    if isinstance(error, UserError):
        return f"{error.what} {error.where}"
    return error.strerror or str(error) if isinstance(error, OSError) else "its files do not hold what a run leaves"


def _outcome(run: RunFolder) -> str:
    from emotionart.files import read_json
    from emotionart.run.state import State, cause_of, headline, state_of

    if run.result.exists():
        missing = run.status().get("missing")
        later = f"  (missing: {', '.join(missing)}: emotionart figures {run.path})" if missing else ""
        return headline(read_json(run.result)) + later
    return cause_of(run) if state_of(run) is State.FAILED else ""
