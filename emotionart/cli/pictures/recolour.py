"""`emotionart recolour`: recolours pictures to an emotion's palette and keeps their lightness and texture."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionart.cli.arguments import add_trust, require_range
from emotionart.counting import counted
from emotionart.errors import UserError, suggest
from emotionart.files import atomic_write, ensure_absent
from emotionart.terminal import write_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from emotionart.classifier.predictor import Predictor

_IMAGES, _COMPARISONS, _STRIPS = "images", "before-after", "palettes"
"""Output folders, each with one file per picture."""


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("recolour", help="pictures in the colours of an emotion")
    parser.add_argument("images", nargs="+", type=Path, metavar="PICTURE", help="files and folders of pictures")
    parser.add_argument(
        "--to", required=True, metavar="PALETTE", help="happy, sad, angry, calm, pale, muted, dark or violet"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="to be made")
    parser.add_argument("--strength", type=float, default=1.0, help="0 leaves a picture as it is (default 1)")
    parser.add_argument(
        "--skin-angle",
        type=float,
        default=15.0,
        metavar="DEGREES",
        help="by which hues near skin turn at most; 90 lets them go where the others do (default 15)",
    )
    parser.add_argument(
        "--run", type=Path, metavar="RUN", dest="judge", help="a classifier to predict before and after"
    )
    add_trust(parser)
    parser.set_defaults(run=_recolour)


def _recolour(arguments: argparse.Namespace) -> None:
    """Writes each picture recoloured, a comparison and a strip of palettes, and `table.csv` with the features.

    Pictures that cannot be read are left out, and reported last.
    """
    import pandas as pd

    from emotionart.classifier.predictor import load_run
    from emotionart.data.pictures.unreadable import left_out, none_readable, use_readable
    from emotionart.data.tables.cells import write_cells
    from emotionart.features.vectors import feature_names
    from emotionart.inputs.feature_table import find_pictures
    from emotionart.progress import progress_bar
    from emotionart.run.predictions import probability_columns
    from emotionart.works.recoloured import FEATURES

    _check_options(arguments)
    ensure_absent(arguments.out)
    paths = find_pictures(arguments.images)
    readable, unreadable = use_readable(paths, _decode)
    if not readable:
        raise none_readable(unreadable)
    paths = list(readable)
    judge = load_run(arguments.judge, arguments.trust) if arguments.judge else None
    columns = [*feature_names([FEATURES]), *(probability_columns(judge.classes) if judge else ())]
    rows = []
    with atomic_write(arguments.out) as partial:
        for kind in (_IMAGES, _COMPARISONS, _STRIPS):
            (partial / kind).mkdir(parents=True)
        for path, name in progress_bar(zip(paths, _names(paths), strict=True), "recolouring pictures", len(paths)):
            versions = _write_one(Path(path), name, partial, arguments, judge)
            for version, values in versions.items():
                rows.append({"image": path, "version": version} | dict(zip(columns, values, strict=True)))
        write_cells(pd.DataFrame(rows), partial / "table.csv")
    write_rows(f"{counted(len(paths), 'picture')}: {arguments.out}")
    if unreadable:
        raise left_out(unreadable, arguments.out)


def _check_options(arguments: argparse.Namespace) -> None:
    from emotionart.features.colour import LANDMARKS

    if arguments.to not in LANDMARKS:
        raise UserError(
            f"There is no palette {arguments.to!r}; there are {', '.join(LANDMARKS)}.",
            where="--to",
            suggestions=suggest(arguments.to, LANDMARKS),
        )
    require_range(arguments, "strength", 0, 1)
    require_range(arguments, "skin_angle", 0, 90)


def _decode(path: Path) -> None:
    """Decodes a picture, and keeps nothing of it: all of them may not fit into memory."""
    from emotionart.data.pictures.decode import load_picture

    load_picture(path)


def _names(paths: Sequence[str]) -> list[str]:
    """A file name for each picture: its own, prefixed with a number if two are the same."""
    stems = [Path(path).stem for path in paths]
    if len({stem.casefold() for stem in stems}) == len(stems):
        return stems
    return [f"{number:0{len(str(len(stems)))}}-{stem}" for number, stem in enumerate(stems, 1)]


def _write_one(
    path: Path, name: str, folder: Path, arguments: argparse.Namespace, judge: Predictor | None
) -> dict[str, NDArray[np.floating]]:
    """Writes the files of one picture; returns the features, then the probabilities, of each version."""
    import numpy as np

    from emotionart.figures.plots import save
    from emotionart.figures.recoloured import compare, strip
    from emotionart.works.recoloured import in_all_palettes, recolour_work

    work = recolour_work(path, arguments.to, arguments.strength, arguments.skin_angle, judge)
    (folder / _IMAGES / f"{name}.png").write_bytes(work.file)
    save(compare(work.before, work.after, arguments.to, work.readings), folder / _COMPARISONS / f"{name}.png")
    versions = in_all_palettes(work.before, arguments.strength, arguments.skin_angle)
    save(strip(*versions), folder / _STRIPS / f"{name}.png")
    return {
        version: np.concatenate([getattr(reading, version) for reading in work.readings])
        for version in ("before", "after")
    }
