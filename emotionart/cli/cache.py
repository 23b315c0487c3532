"""`emotionart cache`: stored features and decoded pictures, which runs share, and indexes of searches."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

from emotionart.cli.arguments import add_cache
from emotionart.errors import UserError, suggest
from emotionart.files import read_json
from emotionart.terminal import write_rows


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("cache", help="list, verify and clear stored features, decoded pictures and indexes")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    for name, run, text in (
        (
            "ls",
            _list,
            "each store of features: pictures and views, size, network, weights; decoded pictures; indexes of searches",
        ),
        ("verify", _verify, "compare every feature and picture with its checksum; exit code 1 if any is damaged"),
        ("clear", _clear, "delete them all, or only those of the given names; they are recomputed when needed"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("names", nargs="*", help="as `ls` shows them")
        add_cache(action)
        action.set_defaults(run=run)


def _arguments(arguments: argparse.Namespace) -> list[Path]:
    """The named folders, those of features first, then decoded pictures, then indexes; all of them if none is named."""
    paths = [path for kind in ("features", "pictures", "works") for path in sorted(arguments.cache.glob(f"{kind}/*/"))]
    folders = {path.name: path for path in paths if path.suffix != ".partial"}
    for name in arguments.names:
        if name not in folders:
            raise UserError(f"There is no {name!r}.", where=str(arguments.cache), suggestions=suggest(name, folders))
    return [folders[name] for name in arguments.names or folders]


def _list(arguments: argparse.Namespace) -> None:
    for folder in _arguments(arguments):
        size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
        try:
            about = _describe(folder)
        except (UserError, FileNotFoundError):
            about = "damaged"
        write_rows(f"{folder.name}  {size:,.1f} MB  {about}")


def _describe(folder: Path) -> str:
    kinds = {"features": _describe_features, "pictures": _describe_pictures, "works": _describe_works}
    return kinds[folder.parent.name](folder)


def _describe_features(folder: Path) -> str:
    from emotionart.data.pictures.store import FeatureStore

    about = read_json(folder / "extractor.json")
    with FeatureStore.open(folder) as store:
        count = len(store)
    held = f"{count:,} vectors or grids of {' x '.join(map(str, about['shape']))}"
    if "weights" not in about:
        return f"{held}  version {about['version']}" if "version" in about else held
    return f"{held}  {about['source']} at {about['size']} px  weights {about['weights'][:8]}  {about['precision']}"


def _describe_pictures(folder: Path) -> str:
    from emotionart.data.pictures.pixels import read_pictures

    count, size = read_pictures(folder).pixels.shape[:2]
    return f"{count:,} decoded pictures at {size} px"


def _describe_works(folder: Path) -> str:
    from emotionart.works.index import Index

    rows = Index.open(folder).rows
    return f"{len(rows):,} pictures as a run sees them: {rows.dtype['features'].shape[0]:,} features"


def _verify(arguments: argparse.Namespace) -> None:
    from emotionart.errors import Failure

    damaged = []
    for folder in _arguments(arguments):
        kind = folder.parent.name
        try:
            count, bad = _count(folder)
        except (UserError, FileNotFoundError) as error:
            damaged.append(folder)
            write_rows(f"{folder.name}  damaged: {getattr(error, 'what', error)}")
            continue
        damaged += [folder] if bad else []
        write_rows(f"{folder.name}  {count:,} {kind}, {bad} damaged")
    if damaged:
        raise Failure(
            f"{len(damaged)} of these are damaged. Runs make damaged features and truncated files again by "
            "themselves; pictures and works whose contents have changed only once they are cleared.",
            fix=f"emotionart cache clear {' '.join(folder.name for folder in damaged)}",
        )


def _count(folder: Path) -> tuple[int, int]:
    kinds = {"features": _count_features, "pictures": _count_pictures, "works": _count_works}
    return kinds[folder.parent.name](folder)


def _count_features(folder: Path) -> tuple[int, int]:
    """The number of features, and of damaged ones."""
    from emotionart.data.pictures.store import FeatureStore

    with FeatureStore.open(folder) as store:
        return len(store), len(list(store.damaged()))


def _count_pictures(folder: Path) -> tuple[int, int]:
    """The number of pictures, and of damaged ones."""
    from emotionart.data.pictures.pixels import read_pictures

    pictures = read_pictures(folder)
    return len(pictures.id), len(pictures.damaged())


def _count_works(folder: Path) -> tuple[int, int]:
    """The number of works in an index, and of damaged ones."""
    from emotionart.works.index import Index

    index = Index.open(folder)
    return len(index.rows), len(index.damaged())


def _clear(arguments: argparse.Namespace) -> None:
    for folder in _arguments(arguments):
        shutil.rmtree(folder)
        write_rows(f"{folder.name}  deleted")
