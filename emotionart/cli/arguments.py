"""Options that several commands share."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path


def add_spreadsheet(parser: argparse.ArgumentParser) -> None:
    """Adds `--no-spreadsheet`, for a command that writes the user's own names into CSV."""
    parser.add_argument(
        "--spreadsheet",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="an apostrophe before names in CSV that begin with =, +, - or @, which spreadsheets take for formulas",
    )


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Adds `--trust`, for a command that loads a run which somebody else may have made."""
    parser.add_argument(
        "--trust",
        action="store_true",
        help="execute code that the run names and that is neither emotionart's, torch's nor an unchanged network of "
        "your own: only for runs that you trust",
    )


def add_cache(parser: argparse.ArgumentParser) -> None:
    """Adds `--cache`, for a command that uses stored features or decoded pictures."""
    parser.add_argument("--cache", type=Path, default=Path("outputs/cache"), help="the `cache` of the runs")


def add_works(parser: argparse.ArgumentParser, count: int) -> None:
    """Adds the arguments of a command that selects pictures with a trained classifier.

    Args:
        parser: parser of the command.
        count: default number of pictures to select.
    """
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="folder of a finished run")
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGES", help="files and folders of pictures")
    parser.add_argument("--n", type=int, default=count, help=f"how many (default {count})")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="output folder for works.csv and works.html")
    add_cache(parser)
    add_trust(parser)
    add_spreadsheet(parser)


def require_range(
    arguments: argparse.Namespace, name: str, low: float, high: float | None = None, option: str | None = None
) -> None:
    """Checks, before anything is computed, that a number, if it is given, is in its range, both ends included.

    Args:
        arguments: arguments of the command.
        name: name of the number among them, such as "min_area" for `--min-area`.
        low, high: ends of the range; None for no upper one.
        option: the option, where it has another name, such as "--from" for "origin".

    Raises:
        UserError: if it is not.
    """
    from emotionart.errors import UserError

    value = getattr(arguments, name)
    if value is not None and not (low <= value and (high is None or value <= high)):
        option = option or f"--{name.replace('_', '-')}"
        bounds = f"at least {low:,}" if high is None else f"from {low:,} to {high:,}"
        raise UserError(f"{option} must be {bounds}, not {value}.", where=option)


def add_engine(parser: argparse.ArgumentParser) -> None:
    """Adds `--on-bad`, `--engine` and `--workers`, for a command that writes a table with a row for each picture."""
    parser.add_argument(
        "--on-bad",
        choices=("error", "skip"),
        default="error",
        help="what to do with unreadable pictures (default error)",
    )
    parser.add_argument(
        "--engine",
        choices=("loop", "ray"),
        default="loop",
        help="ray: Ray Data, on this machine or the cluster at RAY_ADDRESS, into a folder of Parquet parts; takes "
        "addresses (s3://bucket/folder), WebDataset shards and Parquet of pictures, too",
    )
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="of --engine ray: processes (default one for each GPU if `predict` runs a frozen network, else one for "
        "each core, two less on a cluster)",
    )


def require_engine(arguments: argparse.Namespace, pictures: Sequence[str]) -> None:
    """Checks, before anything is computed, that the engine is installed and can read and write what is named.

    Args:
        arguments: those of `add_engine`, and `out`.
        pictures: the pictures as given: paths, patterns, addresses.

    Raises:
        UserError: if it is not or cannot.
    """
    if arguments.engine == "loop":
        _require_loop(arguments, pictures)
    else:
        _require_ray(arguments)


def _require_loop(arguments: argparse.Namespace, pictures: Sequence[str]) -> None:
    from emotionart.errors import UserError
    from emotionart.predict.pictures import SHARD_ENDINGS, is_address

    far = next((name for name in pictures if is_address(name) or name.casefold().endswith(SHARD_ENDINGS)), None)
    if far is not None:
        raise UserError("Addresses and shards are read by Ray Data.", where=far, fix="--engine ray --out FOLDER")
    if arguments.workers is not None:
        raise UserError("Without Ray there are no workers.", where="--workers", fix="--engine ray")


def _require_ray(arguments: argparse.Namespace) -> None:
    from emotionart.errors import UserError
    from emotionart.files import ensure_absent
    from emotionart.predict.tables import ENDINGS

    if find_spec("ray") is None:
        raise UserError("Ray is not installed.", where="--engine ray", fix="pip install 'emotionart[ray]'")
    if arguments.workers is not None and arguments.workers < 1:
        raise UserError("There must be a worker.", where=f"--workers {arguments.workers}", fix="--workers 1")
    if arguments.out is None or arguments.out.suffix.casefold() in ENDINGS:
        out = "FOLDER" if arguments.out is None else arguments.out.with_suffix("")
        raise UserError("Ray writes Parquet parts into a folder.", where="--out", fix=f"--out {out}")
    ensure_absent(arguments.out)
