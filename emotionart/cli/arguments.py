"""Options that several commands share."""

from __future__ import annotations

import argparse


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
        "your own: only for a run whose maker you know",
    )
