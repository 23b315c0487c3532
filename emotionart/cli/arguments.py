"""Options that several commands share."""

from __future__ import annotations

import argparse


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Adds `--trust`, for a command that loads a run which somebody else may have made."""
    parser.add_argument(
        "--trust",
        action="store_true",
        help="execute code that the run names and that is neither emotionart's, torch's nor an unchanged network of "
        "your own: only for a run whose maker you know",
    )
