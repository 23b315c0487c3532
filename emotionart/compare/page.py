"""Comparisons as self-contained HTML pages."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from emotionart.compare.classifiers.format import (
    findings,
    interval,
    label,
    run_count,
    shown_letters,
    spread,
    title,
    with_ensembles,
)
from emotionart.compare.classifiers.rows import METRICS, Row
from emotionart.compare.classifiers.table import Table
from emotionart.compare.formats import ABSENT, FormattedTable
from emotionart.compare.gans import GANRow
from emotionart.compare.gans import findings as gan_findings
from emotionart.compare.runs import Fold, RunsByRow, SweepRun
from emotionart.figures.classifier import confusion_matrix
from emotionart.figures.page import embedded_figure, embedded_file, embedded_narrow, render
from emotionart.files import with_name
from emotionart.run.state import State, cause_of, state_of


def render_classifiers(
    folder: Path,
    formatted: FormattedTable,
    table: Table,
    runs_by_row: RunsByRow,
    figures: Iterable[tuple[Figure, Figure]],
) -> str:
    """The page of a comparison of classifiers, with confusion matrices and links to the runs.

    Args:
        folder: folder of the runs and of the page.
        formatted: formatted table.
        table: compared rows.
        runs_by_row: runs by row.
        figures: figures of the table, each with the same one for a phone.
    """
    return render(
        "classifiers.html",
        name=with_name(folder).name,
        findings=(found := findings(table)),
        headings=["model", "runs", *(title(metric) for metric in METRICS), "95 % interval", "group", "seconds"],
        rows=[_cells(row, group) for row, group in with_ensembles(table, shown_letters(table))],
        notes=[note for note in formatted.notes if note not in found],
        devices=formatted.devices,
        figures=[{"wide": embedded_figure(wide), "narrow": embedded_narrow(narrow)} for wide, narrow in figures],
        models=[_model(name, runs, folder) for name, runs in runs_by_row.items()],
    )


def render_gans(folder: Path, formatted: FormattedTable, rows: Sequence[GANRow]) -> str:
    """The page of a comparison of GANs, with samples of each.

    Args:
        folder: folder of the runs and of the page.
        formatted: formatted table.
        rows: rows of the table.
    """
    return render(
        "generators.html",
        name=with_name(folder).name,
        findings=gan_findings(rows),
        headings=[*formatted.headings, "a run takes"],
        rows=[
            [{"text": text, "value": _number(text)} for text in (*cells, duration)]
            for cells, duration in zip(formatted.rows, formatted.durations, strict=True)
        ],
        notes=formatted.notes,
        devices=formatted.devices,
        cards=[{"name": row.name, "samples": embedded_file(row.samples) if row.samples else None} for row in rows],
    )


def _number(text: str) -> str:
    """The sort key of a cell: the number that it starts with, else its text; "" for nothing, which sorts last."""
    if text in (ABSENT, "missing"):
        return ""
    start = text.replace(",", "").partition(" ")[0]
    return start if start.replace(".", "").removeprefix("-").isdigit() else text


def _cells(row: Row, group: str) -> list[dict[str, Any]]:
    """The text and the sort key of each column."""
    shown = [(label(row), row.name), (run_count(row), row.done)]
    shown += [(spread(row, metric), row.mean(metric)) for metric in METRICS]
    shown += [(interval(row), row.interval[0] if row.interval else None), (group or ABSENT, group)]
    shown.append((ABSENT if row.seconds is None else f"{row.seconds:.0f}", row.seconds))
    return [{"text": text, "value": "" if value is None else value} for text, value in shown]


def _model(name: str, runs: Sequence[SweepRun], folder: Path) -> dict[str, Any]:
    """The runs of a row, and their summed confusion matrix (of those with the same classes)."""
    results = [run.result for run in runs if run.result]
    picture = None
    if results:
        classes = results[0]["classes"]
        matrices = [np.array(result["test"]["confusion"]) for result in results if result["classes"] == classes]
        picture = embedded_figure(confusion_matrix(np.sum(matrices, axis=0), classes))
    return {"name": name, "confusion": picture, "runs": [_run(run, folder) for run in runs]}


def _fold(fold: Fold | None) -> str:
    if fold is None:
        return ""
    return f", fold {fold.number}" + (f" of repeat {fold.repeat}" if fold.repeat else "")


def _run(run: SweepRun, folder: Path) -> dict[str, Any]:
    outcome = ""
    state = state_of(run.folder)
    if run.result:
        epoch = run.result["checkpoint"]["epoch"]  # None if nothing was trained
        outcome = f"{run.result['test']['acc']['value']:.1%}" + (f", epoch {epoch + 1}" if epoch is not None else "")
    elif state is State.FAILED:
        outcome = cause_of(run.folder)
    return {
        "name": f"seed {run.seed}{_fold(run.fold)}",
        "state": state.value,
        "outcome": outcome,
        "folder": Path(os.path.relpath(run.folder.path, folder)).as_posix(),
    }
