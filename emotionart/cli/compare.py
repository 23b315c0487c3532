"""`emotionart table` and `emotionart report`: many runs compared."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from emotionart.cli.arguments import add_spreadsheet


def add_to(subparsers: Any) -> None:
    """Adds the subcommands to the parser of `emotionart`."""
    table = subparsers.add_parser("table", help="compare the runs of a sweep or of a multirun: table and figure")
    table.add_argument("folder", type=Path, help="outputs/sweeps/NAME or outputs/multirun/TIME")
    table.add_argument("--format", choices=("text", "csv", "md", "tex"), default="text", help="what is printed")
    add_spreadsheet(table)
    table.set_defaults(run=_table)
    report = subparsers.add_parser("report", help="the same as one self-contained HTML page")
    report.add_argument("folder", type=Path, help="outputs/sweeps/NAME or outputs/multirun/TIME")
    report.set_defaults(run=_report)


def _table(arguments: argparse.Namespace) -> None:
    from emotionart.compare.comparison import read_comparison, write_table
    from emotionart.compare.formats import as_csv, as_latex, as_markdown, as_text

    comparison = read_comparison(arguments.folder)
    paths = write_table(comparison, arguments.spreadsheet)
    if arguments.format == "csv":
        text = as_csv(comparison.sheet, arguments.spreadsheet)
    else:
        text = {"text": as_text, "md": as_markdown, "tex": as_latex}[arguments.format](comparison.sheet)
    sys.stdout.write(text)
    if arguments.format == "text":
        sys.stdout.write(f"\nwritten: {', '.join(map(str, paths))}\n")


def _report(arguments: argparse.Namespace) -> None:
    from emotionart.compare.comparison import read_comparison, write_report

    sys.stdout.write(f"{write_report(read_comparison(arguments.folder))}\n")
