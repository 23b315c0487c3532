"""`emotionart features`: brightness, texture and colour of any pictures, without a model."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionart.cli.arguments import add_engine, require_engine
from emotionart.cli.console import show_messages
from emotionart.counting import counted
from emotionart.errors import UserError, suggest
from emotionart.files import ensure_absent
from emotionart.terminal import write_rows

if TYPE_CHECKING:
    from emotionart.inputs.feature_table import FeatureTable

_ENDINGS = (".csv", ".parquet")
_SKIP = "--on-bad skip   to leave them out; the others are not computed again"
_IN_COLUMNS = 5  # pictures that are shown side by side; of more, a summary


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("features", help="a table of brightness, texture and colour of any pictures")
    parser.add_argument("images", nargs="*", metavar="IMAGES", help="files and folders of pictures")
    parser.add_argument(
        "--set",
        action="append",
        dest="sets",
        metavar="NAME",
        help="cvfc13 (the default), machajdik, or a group of them",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="table.csv or table.parquet; a folder with --engine ray; figure.png with --explain",
    )
    parser.add_argument(
        "--image", default="image", metavar="COLUMN", help="of Parquet, with --engine ray: holds the pictures"
    )
    add_engine(parser)
    parser.add_argument("--explain", type=Path, metavar="IMAGE", help="one figure of the features of one picture")
    parser.add_argument(
        "--cache", type=Path, default=Path("outputs/cache"), help="the `cache` of the runs; not with --engine ray"
    )
    parser.set_defaults(run=_features)


def _features(arguments: argparse.Namespace) -> None:
    if arguments.explain is not None:
        _explain(arguments)
    else:
        _table(arguments)


def _table(arguments: argparse.Namespace) -> None:
    from emotionart.data.pictures.unreadable import warn_of_unreadable
    from emotionart.features.vectors import FeatureSettings
    from emotionart.inputs.feature_table import find_pictures, measure_pictures, require_sets

    show_messages()
    if not arguments.images:
        raise UserError("No picture or folder is given.", fix="emotionart features FOLDER")
    sets = list(dict.fromkeys(arguments.sets or ["cvfc13"]))
    require_sets(sets, "--set")
    require_engine(arguments, arguments.images)
    if arguments.engine == "ray":
        _table_on_ray(arguments, sets)
        return
    _check_out(arguments.out, _ENDINGS)
    paths = find_pictures([Path(image) for image in arguments.images])
    table = measure_pictures(paths, sets, FeatureSettings(), arguments.cache)
    readable = table.readable()
    bad = {path: reason for path, reason in zip(paths, table.reason, strict=True) if reason}
    warn_of_unreadable(bad, len(readable.image), arguments.on_bad, arguments.out, _SKIP)
    if not readable.image:
        return
    if arguments.out is None:
        write_rows(*_readable_lines(readable))
        return
    readable.write(arguments.out)
    pictures = counted(len(readable.image), "picture")
    write_rows(f"{pictures}, {len(readable.names)} features each: {arguments.out}")


def _table_on_ray(arguments: argparse.Namespace, sets: Sequence[str]) -> None:
    from emotionart.data.pictures.unreadable import warn_of_unreadable
    from emotionart.features.vectors import describe_extractor, feature_names
    from emotionart.predict.parallel.engine import run_on_ray
    from emotionart.predict.parallel.sources import find_sources
    from emotionart.predict.parallel.workers import FeatureWorker

    sources = find_sources(arguments.images, arguments.image)
    basis = {"pictures": arguments.images, "column": arguments.image, "features": describe_extractor(sets)}
    worker = partial(FeatureWorker, sets)
    with run_on_ray(sources, worker, arguments.out, basis, arguments.workers, gpus=False) as job:
        rows = job.rows()
        warn_of_unreadable(job.reasons(), rows, arguments.on_bad, arguments.out, _SKIP)
        job.finish()
    if rows:
        write_rows(f"{counted(rows, 'picture')}, {len(feature_names(sets))} features each: {arguments.out}")


def _check_out(out: Path | None, endings: tuple[str, ...]) -> None:
    """Checks, before anything is computed, that the file has one of the endings and does not exist."""
    if out is None:
        return
    if out.suffix.casefold() not in endings:
        raise UserError(
            f"--out must end in {' or '.join(endings)}.",
            where=str(out),
            suggestions=[str(out.with_suffix(ending)) for ending in suggest(out.suffix, endings)],
        )
    ensure_absent(out)


def _readable_lines(table: FeatureTable) -> list[str]:
    width = max(map(len, table.names))
    if len(table.image) <= _IN_COLUMNS:
        names = [Path(path).name[-16:] for path in table.image]
        lines = [" " * width + "".join(f"  {name:>16}" for name in names)]
        lines += [
            f"{name:<{width}}" + "".join(f"  {value:>16.4f}" for value in column)
            for name, column in zip(table.names, table.values.T, strict=True)
        ]
        return lines
    lines = [f"{len(table.image):,} pictures; --out table.csv writes all of them"]
    lines.append(
        f"{'feature':<{width}}  {'mean':>9}  {'deviation':>9}  {'lowest':>9}  {'highest':>9}   lowest | highest in"
    )
    for name, column in zip(table.names, table.values.T, strict=True):
        low, high = (Path(table.image[int(row)]).name for row in (column.argmin(), column.argmax()))
        numbers = (column.mean(), column.std(), column.min(), column.max())
        lines.append(f"{name:<{width}}" + "".join(f"  {number:>9.4f}" for number in numbers) + f"   {low} | {high}")
    return lines


def _explain(arguments: argparse.Namespace) -> None:
    from emotionart.data.pictures.decode import PictureError, load_picture
    from emotionart.figures.picture import explain
    from emotionart.figures.plots import save

    if arguments.images or arguments.sets or arguments.engine != "loop" or arguments.workers is not None:
        raise UserError(
            "--explain draws one picture, and takes neither others nor --set, --engine or --workers.", where="--explain"
        )
    out = arguments.out or Path(f"{arguments.explain.stem}-features.png")
    _check_out(out, (".png",))
    try:
        picture = load_picture(arguments.explain)
    except PictureError as error:
        raise UserError(f"The picture cannot be read: {error.reason}.", where=str(arguments.explain)) from None
    save(explain(picture, arguments.explain.name), out)
    write_rows(f"{out}")
