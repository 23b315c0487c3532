"""`emotionart predict`: what a trained classifier says of any pictures."""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path
from typing import Any

from emotionart.cli.arguments import add_trust
from emotionart.errors import UserError
from emotionart.files import atomic_write, ensure_absent

_BATCH = 64


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("predict", help="class probabilities of any pictures, by a trained classifier")
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="folder of a finished run")
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGES", help="files and folders of pictures")
    parser.add_argument("--out", type=Path, metavar="FILE.csv", help="keep them as a table")
    add_trust(parser)
    parser.set_defaults(run=_predict)


def _predict(arguments: argparse.Namespace) -> None:
    from emotionart.inputs.feature_table import find_pictures

    if arguments.out is not None:
        ensure_absent(arguments.out)
    paths = find_pictures(arguments.images)
    classes, rows = _probabilities(arguments.run_folder, paths, arguments.trust)
    if arguments.out is not None:
        with atomic_write(arguments.out) as partial, partial.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["image", "class", *(f"p({name})" for name in classes)])
            writer.writerows(
                [path, classes[row.argmax()], *(f"{share:.6g}" for share in row)]
                for path, row in zip(paths, rows, strict=True)
            )
        sys.stdout.write(f"{len(paths):,} pictures: {arguments.out}\n")
        return
    width = max(map(len, classes))
    for path, row in zip(paths, rows, strict=True):
        shares = "  ".join(f"{name} {share:.0%}" for name, share in zip(classes, row, strict=True))
        sys.stdout.write(f"{classes[row.argmax()]:<{width}}  {path}  ({shares})\n")


def _probabilities(folder: Path, paths: list[str], trust: bool) -> tuple[tuple[str, ...], list[Any]]:
    """Class names, and the probabilities (K,) of each picture."""
    from emotionart.classifier.predictor import load_run
    from emotionart.data.pictures.decode import PictureError
    from emotionart.progress import progress_bar
    from emotionart.run.folder import RunFolder
    from emotionart.run.state import State, state_of

    predictor = load_run(folder, trust)
    if state_of(RunFolder(folder)) is not State.DONE:
        sys.stderr.write("This run has not finished: these are the best weights so far, which were never tested.\n")
    found: list[Any] = []
    batches = [paths[start : start + _BATCH] for start in range(0, len(paths), _BATCH)]
    for batch in progress_bar(batches, "looking at pictures", len(batches)):
        try:
            found += list(predictor.predict(batch))
        except PictureError:
            raise UserError(f"These pictures cannot be read: {'; '.join(_unreadable(batch))}.") from None
    return predictor.classes, found


def _unreadable(paths: list[str]) -> list[str]:
    """Those of the pictures that cannot be read, each with the reason."""
    from emotionart.data.pictures.decode import PictureError, load_picture

    bad = []
    for path in paths:
        try:
            load_picture(Path(path))
        except PictureError as error:
            bad.append(f"{path} ({error.reason})")
    return bad
