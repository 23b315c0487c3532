"""`emotionart predict`: what a trained classifier says of any pictures."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionart.cli.arguments import add_spreadsheet, add_trust
from emotionart.errors import UserError
from emotionart.files import ensure_absent, write_text

if TYPE_CHECKING:
    from emotionart.classifier.predictor import Predictor

_BATCH = 64


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("predict", help="class probabilities of any pictures, by a trained classifier")
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="folder of a finished run")
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGES", help="files and folders of pictures")
    parser.add_argument("--out", type=Path, metavar="FILE.csv", help="keep them as a table")
    add_trust(parser)
    add_spreadsheet(parser)
    parser.set_defaults(run=_predict)


def _predict(arguments: argparse.Namespace) -> None:
    from emotionart.inputs.feature_table import find_pictures

    if arguments.out is not None:
        ensure_absent(arguments.out)
    paths = find_pictures(arguments.images)
    predictor = _load(arguments.run_folder, arguments.trust)
    shares, bad = _probabilities(predictor, paths)
    if shares and arguments.out is not None:
        _write(shares, predictor.classes, arguments)
        sys.stdout.write(f"{len(shares):,} pictures: {arguments.out}\n")
    elif shares:
        width = max(map(len, predictor.classes))
        for path, row in shares.items():
            told = "  ".join(f"{name} {share:.0%}" for name, share in zip(predictor.classes, row, strict=True))
            sys.stdout.write(f"{predictor.classes[row.argmax()]:<{width}}  {path}  ({told})\n")
    if bad:
        listing = "\n".join(f"    {path} ({reason})" for path, reason in bad.items())
        raise UserError(f"{len(bad)} of {len(paths)} pictures cannot be read, and are left out:\n{listing}")


def _write(shares: Mapping[str, Any], classes: Sequence[str], arguments: argparse.Namespace) -> None:
    import numpy as np

    from emotionart.data.tables.cells import spreadsheet_cell
    from emotionart.run.predictions import probability_cells

    shown = spreadsheet_cell if arguments.spreadsheet else str
    rows = np.stack(list(shares.values()))
    table = probability_cells(rows, classes)
    table.insert(0, "image", [shown(path) for path in shares])
    table.insert(1, "class", [shown(classes[place]) for place in rows.argmax(axis=1)])
    write_text(arguments.out, table.to_csv(index=False, lineterminator="\n"))


def _load(folder: Path, trust: bool) -> Predictor:
    from emotionart.classifier.predictor import load_run
    from emotionart.run.folder import RunFolder
    from emotionart.run.state import State, state_of

    predictor = load_run(folder, trust)
    if state_of(RunFolder(folder)) is not State.DONE:
        sys.stderr.write("This run has not finished: these are the best weights so far, which were never tested.\n")
    return predictor


def _probabilities(predictor: Predictor, paths: Sequence[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The probabilities (K,) of each picture, and why others cannot be read."""
    from emotionart.data.pictures.decode import PictureError
    from emotionart.progress import progress_bar

    shares: dict[str, Any] = {}
    bad: dict[str, str] = {}
    batches = [paths[start : start + _BATCH] for start in range(0, len(paths), _BATCH)]
    for batch in progress_bar(batches, "looking at pictures", len(batches)):
        try:
            shares |= zip(batch, predictor.predict(batch), strict=True)
        except PictureError:
            bad |= _unreadable(batch)
            readable = [path for path in batch if path not in bad]
            shares |= zip(readable, predictor.predict(readable), strict=True)
    return shares, bad


def _unreadable(paths: Sequence[str]) -> dict[str, str]:
    """Those of the pictures that cannot be read, each with the reason."""
    from emotionart.data.pictures.decode import PictureError, load_picture

    bad = {}
    for path in paths:
        try:
            load_picture(Path(path))
        except PictureError as error:
            bad[path] = error.reason
    return bad
