"""`emotionart export`: exports a trained classifier as one file that runs without this package."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from emotionart.cli.arguments import add_trust
from emotionart.files import ensure_absent
from emotionart.terminal import write_lines, write_rows


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser(
        "export", help="a trained classifier as one file, from a picture's pixels to probabilities"
    )
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="folder of a classifier's run")
    parser.add_argument("--to", required=True, choices=("onnx", "torch"), dest="kind", help="format of the file")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="to be written")
    parser.add_argument(
        "--images",
        nargs="+",
        type=Path,
        metavar="IMAGES",
        default=[],
        help="files and folders of pictures to check it on (default: the run's own test split)",
    )
    add_trust(parser)
    parser.set_defaults(run=_export)


def _export(arguments: argparse.Namespace) -> None:
    from emotionart.export.export import export
    from emotionart.inputs.feature_table import find_pictures

    ensure_absent(arguments.out)
    images = [Path(path) for path in find_pictures(arguments.images)]
    saved = export(arguments.run_folder, arguments.kind, arguments.out, images, arguments.trust)
    write_rows(f"{arguments.out}: {', '.join(saved.classes)}")
    write_lines(
        f"checked on {saved.checked} pictures; probabilities differ from the run's by at most "
        f"{saved.network.largest:.2g} (tolerance {saved.network.tolerance:g}) on pictures of the size of training, and "
        f"{saved.whole.largest:.2g} ({saved.whole.tolerance:g}) where they are resized inside"
    )
