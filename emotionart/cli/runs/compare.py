"""`emotionart compare`, `table` and `report`: compare runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from emotionart.cli.arguments import add_spreadsheet
from emotionart.errors import UserError, raise_together
from emotionart.files import ensure_absent
from emotionart.terminal import terminal_width, write_rows

if TYPE_CHECKING:
    from emotionart.compare.formats import FormattedTable
    from emotionart.run.folder import RunFolder


def add_to(subparsers: Any) -> None:
    """Adds the subcommands to the parser of `emotionart`."""
    several = subparsers.add_parser("compare", help="compare any runs")
    several.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folders of runs, anywhere")
    several.add_argument("--out", type=Path, metavar="FOLDER", help="also keep the table and its page there")
    several.add_argument("--wide", action="store_true", help="all columns, even in a narrow terminal")
    several.set_defaults(run=_compare)
    table = subparsers.add_parser("table", help="compare the runs of a sweep or of a multirun: table and figure")
    table.add_argument("folder", type=Path, help="outputs/sweeps/NAME or outputs/multirun/TIME")
    table.add_argument("--format", choices=("text", "csv", "md", "tex"), default="text", help="what is printed")
    table.add_argument("--wide", action="store_true", help="all columns, even in a narrow terminal")
    add_spreadsheet(table)
    table.set_defaults(run=_table)
    report = subparsers.add_parser("report", help="the same as one self-contained HTML page")
    report.add_argument("folder", type=Path, help="outputs/sweeps/NAME or outputs/multirun/TIME")
    report.set_defaults(run=_report)


def _compare(arguments: argparse.Namespace) -> None:
    from emotionart.compare.comparison import compare_runs, write_report, write_table
    from emotionart.compare.formats import as_text
    from emotionart.compare.runs import name_runs_or_folders
    from emotionart.run.folder import RunFolder

    runs = list({folder.resolve(): RunFolder(folder) for folder in arguments.runs}.values())
    raise_together(_no_result(run) for run in runs if not run.result.exists())
    if arguments.out is not None:
        ensure_absent(arguments.out)
    runs_by_row, notes = name_runs_or_folders(runs)
    comparison = compare_runs(runs_by_row, arguments.out or Path(), notes)
    sys.stdout.write(as_text(comparison.table, terminal_width(), _wide(arguments)))
    if arguments.out is not None:
        write_table(comparison)
        write_rows(f"{write_report(comparison)}")


def _wide(arguments: argparse.Namespace) -> str | None:
    """The option that shows all columns; None if it is given."""
    return None if arguments.wide else "--wide"


def _no_result(run: RunFolder) -> UserError:
    from emotionart.run.folder import no_run

    if not run.config.exists():
        several = any(run.path.glob("*/config.yaml"))
        return no_run(run.path, f"emotionart table {quote(str(run.path))}" if several else None)
    return UserError("This run has no result.", where=str(run.path), fix=run.resume_command)


def _table(arguments: argparse.Namespace) -> None:
    from emotionart.compare.comparison import read_comparison, write_table
    from emotionart.compare.formats import as_csv, as_latex, as_markdown, as_text

    comparison = read_comparison(arguments.folder)
    paths = write_table(comparison, arguments.spreadsheet)
    if arguments.format == "csv":
        text = as_csv(comparison.table, arguments.spreadsheet)
    else:
        forms: dict[str, Callable[[FormattedTable], str]] = {
            "text": partial(as_text, width=terminal_width(), wide=_wide(arguments)),
            "md": as_markdown,
            "tex": as_latex,
        }
        text = forms[arguments.format](comparison.table)
    sys.stdout.write(text)
    if arguments.format == "text":
        write_rows("", f"written: {', '.join(map(str, paths))}")


def _report(arguments: argparse.Namespace) -> None:
    from emotionart.compare.comparison import read_comparison, write_report

    write_rows(f"{write_report(read_comparison(arguments.folder))}")
