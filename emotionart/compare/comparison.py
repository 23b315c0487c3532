"""A comparison of runs, written as tables, figures and a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure

from emotionart.compare import gans
from emotionart.compare.classifiers.format import findings, format_table
from emotionart.compare.classifiers.learning import curve_notes, read_curves
from emotionart.compare.classifiers.table import compare
from emotionart.compare.figures import curves_figure, samples_figure, table_figure
from emotionart.compare.formats import FormattedTable, as_csv, as_latex, as_markdown
from emotionart.compare.page import render_classifiers, render_gans
from emotionart.compare.runs import RunsByRow, read_runs
from emotionart.figures import plots
from emotionart.files import write_text

_TABLE, _CURVES = "table", "learning_curves"


@dataclass(frozen=True)
class Comparison:
    """A comparison of runs.

    Attributes:
        folder: folder of the runs, or output folder of the table.
        runs_by_row: runs by row of the table.
        table: formatted table.
        findings: sentences: which row is best, and whether the difference is significant.
        figures: figures by name.
        page: renders the comparison as HTML.
    """

    folder: Path
    runs_by_row: RunsByRow
    table: FormattedTable
    findings: Sequence[str]
    figures: Mapping[str, Figure]
    page: Callable[[], str]


def read_comparison(folder: Path) -> Comparison:
    """Compares the runs in the folder of a sweep or of a multirun (`train.py -m`).

    Raises:
        UserError: if the folder holds no run.
    """
    return compare_runs(read_runs(folder), folder)


def compare_runs(runs_by_row: RunsByRow, folder: Path, notes: Sequence[str] = ()) -> Comparison:
    """Compares runs of classifiers, or of GANs.

    Args:
        runs_by_row: runs by row of the table.
        folder: output folder of the table.
        notes: notes on the rows, which come before those on the numbers.
    """
    compare_rows = _compare_gans if gans.are_gans(runs_by_row) else _compare_classifiers
    return compare_rows(runs_by_row, folder, notes)


def _compare_gans(runs_by_row: RunsByRow, folder: Path, notes: Sequence[str]) -> Comparison:
    rows = gans.read_gan_rows(runs_by_row)
    table = gans.format_table(rows)
    table = replace(table, notes=[*notes, *table.notes])
    figures = {_TABLE: samples_figure(rows)}
    page = partial(render_gans, folder, table, rows)
    return Comparison(folder, runs_by_row, table, gans.findings(rows), figures, page)


def _compare_classifiers(runs_by_row: RunsByRow, folder: Path, notes: Sequence[str]) -> Comparison:
    compared, curves = compare(runs_by_row), read_curves(runs_by_row)
    table = format_table(compared)
    table = replace(table, notes=[*notes, *curve_notes(curves), *table.notes])
    figures = {_TABLE: table_figure(compared), **({_CURVES: curves_figure(curves)} if curves else {})}
    narrow = [table_figure(compared, narrow=True), *([curves_figure(curves, narrow=True)] if curves else [])]
    pairs = list(zip(figures.values(), narrow, strict=True))
    page = partial(render_classifiers, folder, table, compared, runs_by_row, pairs)
    return Comparison(folder, runs_by_row, table, findings(compared), figures, page)


def write_table(comparison: Comparison, spreadsheet: bool = True) -> list[Path]:
    """Writes `table.csv`, `table.md`, `table.tex` and a picture of each figure, and returns their paths.

    Args:
        comparison: comparison to write.
        spreadsheet: see `as_csv`.
    """
    paths = [comparison.folder / f"{_TABLE}.{kind}" for kind in ("csv", "md", "tex")]
    texts = (as_csv(comparison.table, spreadsheet), as_markdown(comparison.table), as_latex(comparison.table))
    for path, text in zip(paths, texts, strict=True):
        write_text(path, text)
    for name, figure in comparison.figures.items():
        paths.append(comparison.folder / f"{name}.png")
        plots.save(figure, paths[-1])
    return paths


def write_report(comparison: Comparison) -> Path:
    """Writes `report.html`, which links to the runs' folders, and returns its path."""
    path = comparison.folder / "report.html"
    write_text(path, comparison.page())
    return path
