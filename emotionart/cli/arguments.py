"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_spreadsheet(parser: argparse.ArgumentParser) -> None:
    """Adds `--no-spreadsheet`, for a command that writes names of the user's into CSV."""
    parser.add_argument(
        "--spreadsheet",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="an apostrophe before names in CSV that begin with =, +, - or @, which spreadsheets take for formulas",
    )


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Adds `--trust`, for a command that loads a run which somebody else may have made."""
    parser.add_argument(
        "--trust",
        action="store_true",
        help="execute code that the run names and that is neither emotionart's, torch's nor an unchanged network of "
        "your own: only for runs that you trust",
    )


def add_works(parser: argparse.ArgumentParser, count: int) -> None:
    """Adds what a command needs that chooses some of many pictures by a trained classifier.

    Args:
        parser: of the command.
        count: how many it chooses where nothing is said.
    """
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="folder of a finished run")
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGES", help="files and folders of pictures")
    parser.add_argument("--n", type=int, default=count, help=f"how many (default {count})")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="output folder for works.csv and works.html")
    parser.add_argument("--cache", type=Path, default=Path("outputs/cache"), help="the `cache` of the runs")
    add_trust(parser)
    add_spreadsheet(parser)
