"""`emotionart cache`: what is kept between runs: stored features, and decoded pictures."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

from emotionart.errors import UserError, suggest
from emotionart.files import read_json


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("cache", help="list, verify and clear stored features and decoded pictures")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    for name, run, text in (
        ("ls", _list, "each store of features: pictures and views, size, network, weights; and decoded pictures"),
        ("verify", _verify, "compare every feature with its checksum; exit code 1 if any is damaged"),
        ("clear", _clear, "delete them all, or only those of the given names; what is needed is computed again"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("names", nargs="*", help="as `ls` shows them")
        action.add_argument("--cache", type=Path, default=Path("outputs/cache"), help="the `cache` of the runs")
        action.set_defaults(run=run)


def _arguments(arguments: argparse.Namespace) -> list[Path]:
    """The folders of features, then those of decoded pictures, that were named; all where none was."""
    markers = ("features/*/extractor.json", "pictures/*/index.npz")
    paths = [path.parent for marker in markers for path in sorted(arguments.cache.glob(marker))]
    found = {path.name: path for path in paths}
    for name in arguments.names:
        if name not in found:
            raise UserError(f"There is no {name!r}.", where=str(arguments.cache), suggestions=suggest(name, found))
    return [found[name] for name in arguments.names or found]


def _is_store(folder: Path) -> bool:
    return folder.parent.name == "features"


def _list(arguments: argparse.Namespace) -> None:
    for folder in _arguments(arguments):
        size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
        about = _describe_features(folder) if _is_store(folder) else _describe_pictures(folder)
        sys.stdout.write(f"{folder.name}  {size:,.1f} MB  {about}\n")


def _describe_features(folder: Path) -> str:
    from emotionart.data.pictures.store import FeatureStore

    about = read_json(folder / "extractor.json")
    with FeatureStore.open(folder) as store:
        count = len(store)
    held = f"{count:,} vectors or grids of {' x '.join(map(str, about['shape']))}"
    if "weights" not in about:
        return f"{held}  features version {about['version']}"
    return f"{held}  {about['source']} at {about['size']} px  weights {about['weights'][:8]}  {about['precision']}"


def _describe_pictures(folder: Path) -> str:
    import numpy as np

    count, size = np.load(folder / "pixels.npy", mmap_mode="r").shape[:2]
    return f"{count:,} decoded pictures at {size} px"


def _verify(arguments: argparse.Namespace) -> None:
    from emotionart.data.pictures.store import FeatureStore
    from emotionart.errors import Failure

    damaged = 0
    for folder in filter(_is_store, _arguments(arguments)):
        with FeatureStore.open(folder) as store:
            bad, count = list(store.damaged()), len(store)
        damaged += len(bad)
        sys.stdout.write(f"{folder.name}  {count:,} features, {len(bad)} damaged\n")
    if damaged:
        raise Failure(f"{damaged} features are damaged; the next run that needs them computes them again.")


def _clear(arguments: argparse.Namespace) -> None:
    for folder in _arguments(arguments):
        shutil.rmtree(folder)
        sys.stdout.write(f"{folder.name}  deleted\n")
