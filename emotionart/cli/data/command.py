"""`emotionart data`: commands on data sets, without training."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from emotionart.cli.console import show_messages
from emotionart.cli.data import check, curate, importing, report
from emotionart.cli.data.arguments import train_command
from emotionart.errors import UserError
from emotionart.files import ensure_absent
from emotionart.terminal import write_lines

_ACTIONS = (importing, check, curate, report)


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("data", help="make, import, check, curate and describe data sets")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    for action in _ACTIONS:
        action.add_to(actions)
    gallery = actions.add_parser("gallery", help="paint the built-in gallery: pictures, table, masks, contact sheet")
    gallery.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="to be made")
    gallery.add_argument("--count", type=int, default=600, help="paintings (default 600)")
    gallery.add_argument("--seed", type=int, default=0)
    gallery.add_argument(
        "--global-cues", type=float, default=1.0, help="0 to 1: how often palette and brush follow the emotion"
    )
    gallery.add_argument(
        "--local-cues", type=float, default=1.0, help="0 to 1: how often expressions and objects follow the emotion"
    )
    gallery.add_argument("--size", type=int, default=160, help="side in pixels (default 160)")
    gallery.set_defaults(run=_gallery)


def _gallery(arguments: argparse.Namespace) -> None:
    from emotionart.data.gallery.gallery import GallerySettings, write_gallery

    show_messages()
    ensure_absent(arguments.out)
    for name, low, high in (("count", 1, 10_000_000), ("global_cues", 0, 1), ("local_cues", 0, 1), ("size", 16, 1024)):
        value = getattr(arguments, name)
        if not low <= value <= high:
            option = f"--{name.replace('_', '-')}"
            raise UserError(f"{option} must be from {low} to {high}, not {value}.", where=option)
    settings = GallerySettings(
        count=arguments.count,
        seed=arguments.seed,
        global_cues=arguments.global_cues,
        local_cues=arguments.local_cues,
        size=arguments.size,
    )
    write_gallery(arguments.out, settings)
    columns = ["data.group=artist", "data.id=id", "data.label=emotion", "data.near_duplicates=null"]
    write_lines(
        f"{arguments.count} paintings: {arguments.out}/labels.csv, sheet.png, images/, masks/",
        "to train on them as on your own table:",
        f"  {train_command(arguments.out / 'labels.csv', *columns)}",
    )
