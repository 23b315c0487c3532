"""Arguments of `emotionart data check`, `curate` and `report`: a table, and overrides as for `train.py`."""

from __future__ import annotations

import argparse
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emotionart.data.source import Source
    from emotionart.data.tables.labels import Grouping
    from emotionart.data.tables.measurement import Quantiles


@dataclass(frozen=True)
class DataArguments:
    """The parsed arguments of a command on a data set.

    Attributes:
        source: where the artworks come from.
        grouping: how their labels are grouped into classes.
        cache: cache folder, which runs share.
        overrides: overrides with which `train.py` reads the same artworks.
    """

    source: Source
    grouping: Grouping | Quantiles
    cache: Path
    overrides: tuple[str, ...]


def add_source(parser: argparse.ArgumentParser) -> None:
    """Adds the table and the overrides to the parser of an action."""
    parser.add_argument("table", type=Path, metavar="TABLE", help="CSV, TSV, Parquet, or a folder per class")
    parser.add_argument(
        "overrides",
        nargs="*",
        metavar="KEY=VALUE",
        help="as for train.py: labels=emotions data.group=artist data.rows=votes; columns of the usual names "
        "(label, votes:*, artist, tags) are found without",
    )


def read_arguments(arguments: argparse.Namespace) -> DataArguments:
    """Reads the source of the artworks and the grouping from the arguments.

    Raises:
        UserError: for an override that `train.py` would refuse.
    """
    from hydra.utils import instantiate

    from emotionart.config.compose import compose
    from emotionart.config.overrides import override_key
    from emotionart.config.validate import DATA_GROUPS, check, check_data
    from emotionart.data.tables.cells import read_header
    from emotionart.data.tables.layouts.imagefolder import metadata_tables
    from emotionart.errors import raise_together

    table: Path = arguments.table
    data = "folder" if table.is_dir() and not metadata_tables(table) else "table"
    given = _source(data, table)
    if not any(item.startswith("labels=") for item in arguments.overrides):
        given.append("labels=as_is")
    named = {item.partition("=")[0] for item in arguments.overrides}
    unusual = {"data.separator", "data.columns"} & named  # with these, the configuration reads the columns
    found = {} if data == "folder" or unusual else _usual_columns(read_header(table))
    if "data.label" in named:
        found.pop("data.votes", None)
    guessed = [f"{key}={value}" for key, value in found.items() if key not in named]
    if guessed:
        sys.stdout.write(f"found in the table: {' '.join(guessed)}\n")
    overrides = [*given, *guessed, *arguments.overrides]
    composed = compose(overrides)
    others = {override_key(text).partition(".")[0] for text in arguments.overrides} - {*DATA_GROUPS, "cache"}
    raise_together(check(composed) if others else check_data(composed))
    config: Any = composed.config
    return DataArguments(instantiate(config.data), instantiate(config.labels), Path(config.cache), tuple(overrides))


def train_command(table: Path, *overrides: str) -> str:
    """The shell command that trains on a table."""
    return shlex.join(["python", "train.py", *_source("table", table), *overrides])


def _source(data: str, path: Path) -> list[str]:
    """The overrides for `data` and its path, quoted unless Hydra can read it as it is."""
    from emotionart.quoting import quoted

    return [f"data={data}", f"data.path={quoted(str(path))}"]


def _usual_columns(header: list[str]) -> dict[str, str]:
    from emotionart.data.tables.importers.imported import VOTES

    found = {}
    if any(name.startswith(VOTES) for name in header):
        found["data.votes"] = f"{VOTES}*"
    if "image" not in header and "file_name" in header:  # Hugging Face metadata, JSON lines
        found["data.image"] = "file_name"
    for key, names in (("data.group", ("artist", "group")), ("data.tags", ("tags",))):
        there = [name for name in names if name in header]
        if there:
            found[key] = there[0]
    return found
