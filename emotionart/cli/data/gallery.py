"""`emotionart data gallery`: paints the built-in gallery into a folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from emotionart.cli.arguments import require_range
from emotionart.cli.console import show_messages
from emotionart.cli.data.arguments import train_command
from emotionart.files import ensure_absent
from emotionart.terminal import write_lines, write_rows


def add_to(actions: Any) -> None:
    """Adds the action to the parser of `emotionart data`."""
    parser = actions.add_parser("gallery", help="paint the built-in gallery: pictures, table, masks, contact sheet")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="to be made")
    parser.add_argument("--count", type=int, default=600, help="paintings (default 600)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--global-cues", type=float, default=1.0, help="0 to 1: how often palette and brush follow the emotion"
    )
    parser.add_argument(
        "--local-cues", type=float, default=1.0, help="0 to 1: how often expressions and objects follow the emotion"
    )
    parser.add_argument("--size", type=int, default=160, help="side in pixels (default 160)")
    parser.set_defaults(run=_gallery)


def _gallery(arguments: argparse.Namespace) -> None:
    from emotionart.data.gallery.gallery import GallerySettings, write_gallery
    from emotionart.ranges import MOST_SEED

    show_messages()
    ensure_absent(arguments.out)
    require_range(arguments, "count", 1, 10_000_000)
    require_range(arguments, "seed", 0, MOST_SEED)
    require_range(arguments, "global_cues", 0, 1)
    require_range(arguments, "local_cues", 0, 1)
    require_range(arguments, "size", 16, 1024)
    settings = GallerySettings(
        count=arguments.count,
        seed=arguments.seed,
        global_cues=arguments.global_cues,
        local_cues=arguments.local_cues,
        size=arguments.size,
    )
    write_gallery(arguments.out, settings)
    columns = ["data.group=artist", "data.id=id", "data.label=emotion", "data.near_duplicates=null"]
    write_rows(f"{arguments.count} paintings: {arguments.out}/labels.csv, sheet.png, images/, masks/")
    write_lines(
        "to train on them as on your own table:",
        f"  {train_command(arguments.out / 'labels.csv', *columns)}",
    )
