"""The W&B summary run of a sweep: its table, its figures, and links to its runs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import quote
from typing import Any

from emotionart.compare.comparison import Comparison
from emotionart.files import read_json, write_json
from emotionart.run.state import state_of
from emotionart.run.tracking.artifacts import use_predictions
from emotionart.run.tracking.connection import resolve_mode
from emotionart.run.tracking.logger import Logger
from emotionart.run.tracking.session import open_logger
from emotionart.terminal import write_lines

_RUNS = ("row", "seed", "repeat", "fold", "state", "test/acc", "id", "address")
_KEPT = "summary.json"  # in the sweep's folder
_OFFLINE = ("*/wandb/offline-run-*", "wandb/offline-run-*")  # in the sweep's folder: of its runs, of its summary


def sync_command(sweep: Path) -> str:
    """The command that sends all offline runs of a sweep or multirun to W&B, quoted for the shell.

    W&B refuses a pattern without a match, such as that of the summary run, which a multirun has not.
    """
    if elsewhere := os.environ.get("WANDB_DIR"):
        return f"wandb sync {quote(elsewhere)}/wandb/offline-run-*"
    patterns = [pattern for pattern in _OFFLINE if any(sweep.glob(pattern))] or _OFFLINE
    return " ".join(["wandb sync", *(f"{quote(str(sweep))}/{pattern}" for pattern in patterns)])


def log_summary(comparison: Comparison, name: str, logger: Mapping[str, Any]) -> None:
    """Logs a new run of type "summary" to the sweep's group in W&B, and remembers the newest.

    Args:
        comparison: comparison of the sweep's runs, whose files are written.
        name: name of the sweep.
        logger: logger configuration of the runs.
    """
    folder = comparison.folder
    settings = {**logger, "tags": [], "job_type": "summary", "name": None, "id": None}
    with open_logger(settings, folder, config={"sweep": name}, group=name) as summary:
        summary.start()
        columns, *rows = comparison.table.values
        summary.log_table("table", [str(column) for column in columns], rows)
        summary.log_table("runs", _RUNS, [*_runs(comparison, summary)])
        for figure in comparison.figures:
            summary.log_image(f"figures/{figure}", folder / f"{figure}.png")
        if logger["log_model"] != "none":
            for run in (run for row in comparison.runs_by_row.values() for run in row if run.result):
                use_predictions(summary, run.folder)
            files = [folder / f"table.{kind}" for kind in ("csv", "md", "tex")]
            summary.log_artifact("table", f"table-{summary.id}", files)
        if summary.started:
            write_json(folder / _KEPT, {"wandb_id": summary.id})
    if resolve_mode(logger["mode"]) == "offline":
        write_lines(f"W&B was offline; to send all runs later: {sync_command(folder)}")


def summary_id(folder: Path) -> str | None:
    """The W&B id of a sweep's summary run; None if there is none."""
    kept = folder / _KEPT
    return read_json(kept)["wandb_id"] if kept.exists() else None


def _runs(comparison: Comparison, summary: Logger) -> Iterator[list[Any]]:
    """A table row for each run; W&B shows its URL as a link."""
    for row, runs in comparison.runs_by_row.items():
        for run in runs:
            fold = (run.fold.repeat, run.fold.number) if run.fold else (None, None)
            accuracy = run.result["test"]["acc"]["value"] if run.result and "test" in run.result else None
            id = run.folder.status().get("wandb_id")
            address = summary.address(id) if id else ""
            yield [row, run.seed, *fold, state_of(run.folder).value, accuracy, id, address or None]
