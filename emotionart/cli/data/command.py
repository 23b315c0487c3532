"""`emotionart data`: commands on data sets, without training."""

from __future__ import annotations

from typing import Any

from emotionart.cli.data import check, curate, gallery, importing, report

_ACTIONS = (importing, check, curate, report, gallery)


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("data", help="make, import, check, curate and describe data sets")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    for action in _ACTIONS:
        action.add_to(actions)
