"""`emotionart cache`: the stored features of frozen backbones."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from emotionart.errors import UserError, nearest


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("cache", help="list, verify and clear stored features")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    for name, run, text in (
        ("ls", _list, "each extractor's store: pictures and views, size, network, weights"),
        ("verify", _verify, "compare every feature with its checksum; exit code 1 if any is damaged"),
        ("clear", _clear, "delete stores, or only those of the given names"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("names", nargs="*", help="of stores, as `ls` shows them")
        action.add_argument("--cache", type=Path, default=Path("outputs/cache"), help="the `cache` of the runs")
        action.set_defaults(run=run)


def _stores(arguments: argparse.Namespace) -> list[Path]:
    found = {path.parent.name: path.parent for path in sorted(arguments.cache.glob("features/*/extractor.json"))}
    for name in arguments.names:
        if name not in found:
            raise UserError(
                f"There is no store {name!r}.", where=str(arguments.cache / "features"), nearest=nearest(name, found)
            )
    return [found[name] for name in arguments.names or found]


def _list(arguments: argparse.Namespace) -> None:
    from emotionart.features.store import FeatureStore

    for folder in _stores(arguments):
        about = json.loads((folder / "extractor.json").read_text())
        with FeatureStore.open(folder) as store:
            count = len(store)
        size = (folder / "data.mdb").stat().st_size / 1e6
        shape = " x ".join(map(str, about["shape"]))
        sys.stdout.write(f"{folder.name}  {count:,} vectors or grids of {shape}  {size:.1f} MB  {_describe(about)}\n")


def _describe(about: dict[str, Any]) -> str:
    if "weights" not in about:
        return f"features version {about['version']}"
    return f"{about['source']} at {about['size']} px  weights {about['weights'][:8]}  {about['precision']}"


def _verify(arguments: argparse.Namespace) -> None:
    from emotionart.errors import Failure
    from emotionart.features.store import FeatureStore

    damaged = 0
    for folder in _stores(arguments):
        with FeatureStore.open(folder) as store:
            bad, count = list(store.damaged()), len(store)
        damaged += len(bad)
        sys.stdout.write(f"{folder.name}  {count:,} features, {len(bad)} damaged\n")
    if damaged:
        raise Failure(f"{damaged} features are damaged; the next run that needs them computes them again.")


def _clear(arguments: argparse.Namespace) -> None:
    for folder in _stores(arguments):
        shutil.rmtree(folder)
        sys.stdout.write(f"{folder.name}  deleted\n")
