"""`emotionart config`: lists the configuration options and shows a composed configuration."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from emotionart.config.groups import group_options
from emotionart.errors import UserError, suggest
from emotionart.terminal import terminal_width
from emotionart.text_columns import align_descriptions


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("config", help="list and show configurations")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("ls", help="the config groups and their options")
    listing.add_argument("group", nargs="?", help="only this group")
    listing.set_defaults(run=_list)
    show = actions.add_parser("show", help="the configuration that results from overrides")
    show.add_argument("overrides", nargs="*", default=[], help="as for train.py: model=shallow_arch2 optimizer.lr=3e-4")
    show.set_defaults(run=_show)


def _list(arguments: argparse.Namespace) -> None:
    groups = group_options()
    if arguments.group is not None:
        if arguments.group not in groups:
            raise UserError(
                f"There is no group {arguments.group!r}. There are: {', '.join(groups)}.",
                where="emotionart config ls",
                suggestions=suggest(arguments.group, groups),
            )
        groups = {arguments.group: groups[arguments.group]}
    for group, options in groups.items():
        sys.stdout.write("\n".join([group, *align_descriptions(options, 16, terminal_width()), ""]))


def _show(arguments: argparse.Namespace) -> None:
    import yaml

    from emotionart.config.compose import compose

    resolved = compose(arguments.overrides).resolved()
    sys.stdout.write(yaml.safe_dump(resolved, sort_keys=False, allow_unicode=True))
