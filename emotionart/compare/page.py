"""Comparisons as self-contained HTML pages."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from emotionart.compare.classifiers import (
    findings,
    interval,
    label,
    runs,
    shown_letters,
    spread,
    title,
    with_ensembles,
)
from emotionart.compare.formats import ABSENT, FormattedTable
from emotionart.compare.gans import Generators
from emotionart.compare.gans import findings as gan_findings
from emotionart.compare.rows import METRICS, Row
from emotionart.compare.runs import SweepRun
from emotionart.compare.table import Table
from emotionart.figures import plots
from emotionart.figures.page import embedded_figure, embedded_file, embedded_narrow, render
from emotionart.run.state import State, cause_of, state_of


def render_classifiers(
    folder: Path,
    sheet: FormattedTable,
    table: Table,
    members: Mapping[str, Sequence[SweepRun]],
    figures: Iterable[tuple[Figure, Figure]],
) -> str:
    """The page of a comparison of classifiers, with confusion matrices and links to the runs.

    Args:
        folder: folder of the runs and of the page.
        sheet: formatted table.
        table: compared rows.
        members: runs by row.
        figures: figures of the table, each with the same one for a phone.
    """
    return render(
        "classifiers.html",
        name=folder.name,
        findings=(found := findings(table)),
        headings=["model", "runs", *(title(metric) for metric in METRICS), "95 % interval", "group", "seconds"],
        rows=[_cells(row, group) for row, group in with_ensembles(table, shown_letters(table))],
        notes=[note for note in sheet.notes if note not in found],
        devices=sheet.devices,
        figures=[{"wide": embedded_figure(wide), "narrow": embedded_narrow(narrow)} for wide, narrow in figures],
        models=[_model(name, runs, folder) for name, runs in members.items()],
    )


def render_generators(folder: Path, sheet: FormattedTable, rows: Sequence[Generators]) -> str:
    """The page of a comparison of GANs, with samples of each.

    Args:
        folder: folder of the runs and of the page.
        sheet: formatted table.
        rows: rows of the table.
    """
    return render(
        "generators.html",
        name=folder.name,
        findings=gan_findings(rows),
        headings=[*sheet.headings, "a run takes"],
        rows=[
            [{"text": text, "value": _number(text)} for text in (*cells, duration)]
            for cells, duration in zip(sheet.rows, sheet.durations, strict=True)
        ],
        notes=sheet.notes,
        devices=sheet.devices,
        cards=[{"name": row.name, "samples": embedded_file(row.samples) if row.samples else None} for row in rows],
    )


def _number(text: str) -> str:
    """The sort key of a cell: the number that it starts with, else its text."""
    start = text.replace(",", "").partition(" ")[0]
    return start if start.replace(".", "").removeprefix("-").isdigit() else text


def _cells(row: Row, group: str) -> list[dict[str, Any]]:
    """The text and the sort key of each column."""
    shown = [(label(row), row.name), (runs(row), row.done)]
    shown += [(spread(row, metric), row.mean(metric)) for metric in METRICS]
    shown += [(interval(row), row.interval[0] if row.interval else None), (group or ABSENT, group)]
    shown.append((ABSENT if row.seconds is None else f"{row.seconds:.0f}", row.seconds))
    return [{"text": text, "value": "" if value is None else value} for text, value in shown]


def _model(name: str, members: Sequence[SweepRun], folder: Path) -> dict[str, Any]:
    """The runs of a row, and their summed confusion matrix (of those with the same classes)."""
    results = [member.result for member in members if member.result]
    picture = None
    if results:
        classes = results[0]["classes"]
        matrices = [np.array(result["test"]["confusion"]) for result in results if result["classes"] == classes]
        picture = embedded_figure(plots.confusion(np.sum(matrices, axis=0), classes))
    return {"name": name, "confusion": picture, "runs": [_run(member, folder) for member in members]}


def _run(member: SweepRun, folder: Path) -> dict[str, Any]:
    outcome = ""
    state = state_of(member.folder)
    if member.result:
        epoch = member.result["checkpoint"]["epoch"]  # None if nothing was trained
        outcome = f"{member.result['test']['acc']['value']:.1%}" + (f", epoch {epoch + 1}" if epoch is not None else "")
    elif state is State.FAILED:
        outcome = cause_of(member.folder)
    return {
        "seed": member.seed,
        "state": state.value,
        "told": outcome,
        "folder": Path(os.path.relpath(member.folder.path, folder)).as_posix(),
    }
