"""`emotionart runs`: lists runs with their state and outcome."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionart.errors import UserError
from emotionart.terminal import terminal_width
from emotionart.text_columns import align_columns

if TYPE_CHECKING:
    from emotionart.run.folder import RunFolder

_HEADINGS = ("state", "started", "took", "run", "outcome", "overrides")
_LEFT_ALIGNED = (0, 1, 3, 4, 5)
_DROPPABLE = (5, 2, 1)  # overrides, took, started: dropped in this order in a narrow terminal


@dataclass(frozen=True)
class ListedRun:
    """A row of the list.

    Attributes:
        state: done, running, died (its process is gone), interrupted, failed, pruned, validated (a trial
            of a search, which is not tested), or damaged.
        started: seconds since 1970.
        seconds: duration; NaN if unknown.
        folder: run folder.
        outcome: headline result, or why there is none.
        overrides: command-line overrides.
        accuracy: on the test split, 0 to 1; NaN if there is none.
    """

    state: str
    started: float
    seconds: float
    folder: str
    outcome: str
    overrides: str = ""
    accuracy: float = math.nan

    def cells(self) -> tuple[str, ...]:
        """The row's text, column by column."""
        started = datetime.fromtimestamp(self.started).strftime("%Y-%m-%d %H:%M")
        took = "" if math.isnan(self.seconds) else f"{self.seconds:,.0f} s"
        return self.state, started, took, self.folder, self.outcome, self.overrides


_ORDERS: Mapping[str, Callable[[ListedRun], Any]] = {
    "started": lambda run: run.started,
    "accuracy": lambda run: math.inf if math.isnan(run.accuracy) else -run.accuracy,
    "took": lambda run: math.inf if math.isnan(run.seconds) else -run.seconds,
    "state": lambda run: (run.state, run.started),
    "run": lambda run: run.folder,
}


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("runs", help="list runs: state, time, folder, outcome, overrides")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("outputs"), help="where to look (default outputs)")
    parser.add_argument(
        "--sort", choices=_ORDERS, default="started", help="order of the list; the best, or longest, first"
    )
    parser.add_argument(
        "--filter", metavar="TEXT", default="", help="only lines that contain this, such as model=cv_fc"
    )
    parser.add_argument("--wide", action="store_true", help="all columns, even in a narrow terminal")
    parser.set_defaults(run=_runs)


def _runs(arguments: argparse.Namespace) -> None:
    from emotionart.run.folder import RunFolder

    runs = [_listed(RunFolder(file.parent)) for file in arguments.folder.rglob("run.json")]
    if not runs:
        raise UserError("There is no run here.", where=str(arguments.folder), fix="python train.py")
    runs = sorted(runs, key=_ORDERS[arguments.sort])
    rows = [run.cells() for run in runs if arguments.filter in "  ".join(run.cells())]
    if not rows:
        raise UserError(f"None of the {len(runs):,} runs here has this.", where=f"--filter {arguments.filter}")
    width = None if arguments.wide else terminal_width()
    for line in align_columns([_HEADINGS, *rows], _LEFT_ALIGNED, width, _DROPPABLE):
        sys.stdout.write(f"{line}\n")


def _listed(run: RunFolder) -> ListedRun:
    """The row of a run; a folder that cannot be read is listed as damaged and does not hide the others."""
    from emotionart.files import read_yaml
    from emotionart.run.stored import read_provenance

    changed = run.status_file.stat().st_mtime
    try:
        state = _state(run)
        origin = read_provenance(run.provenance) if run.provenance.exists() else {}
        overrides = read_yaml(run.overrides, "overrides")["overrides"] if run.overrides.exists() else []
        return ListedRun(
            state=state,
            started=datetime.fromisoformat(origin["started"]).timestamp() if "started" in origin else changed,
            seconds=origin.get("seconds") or math.nan,
            folder=str(run.path),
            outcome=_outcome(run, state),
            overrides=" ".join(overrides),
            accuracy=_accuracy(run),
        )
    except (UserError, OSError, LookupError, TypeError, ValueError, AttributeError) as error:
        return ListedRun("damaged", changed, math.nan, str(run.path), _why(error))


def _state(run: RunFolder) -> str:
    """The recorded status of a run; "died" if it says running and no process holds its lock."""
    status: str = run.status()["status"]
    return "died" if status == "running" and not run.is_locked() else status


def _why(error: Exception) -> str:
    if isinstance(error, UserError):
        return f"{error.what} {error.where}"
    return error.strerror or str(error) if isinstance(error, OSError) else "its files are not those of a run"


def _accuracy(run: RunFolder) -> float:
    from emotionart.run.state import is_gan
    from emotionart.run.stored import read_result

    result = read_result(run.result) if run.result.exists() else None
    return math.nan if result is None or is_gan(result) else float(result["test"]["acc"]["value"])


def _outcome(run: RunFolder, state: str) -> str:
    from emotionart.files import read_json
    from emotionart.run.state import cause_of, headline
    from emotionart.run.stored import read_result

    if run.result.exists():
        missing = run.status().get("missing")
        later = f"  (missing: {', '.join(missing)}: {run.figures_command})" if missing else ""
        return headline(read_result(run.result)) + later
    if state == "validated":
        best = read_json(run.validation)
        return f"{best['name']} {best['value']:.4f}, not tested"
    if state == "failed":
        return cause_of(run)
    return run.resume_command if state in ("died", "interrupted") and run.resumable else ""
