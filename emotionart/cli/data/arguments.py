"""Arguments of `emotionart data check`, `curate`, `report` and of `emotionart test`: a table, and overrides."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionart.files import with_name
from emotionart.terminal import write_lines

if TYPE_CHECKING:
    from emotionart.data.source import Source
    from emotionart.data.tables.labels import Grouping
    from emotionart.data.tables.measurement import Quantiles


@dataclass(frozen=True)
class DataArguments:
    """The parsed arguments of a command on a data set.

    Attributes:
        table: the table or folder.
        source: where the artworks come from.
        grouping: how their labels are grouped into classes.
        cache: cache folder, which runs share.
        overrides: overrides with which `train.py` reads the same artworks.
    """

    table: Path
    source: Source
    grouping: Grouping | Quantiles
    cache: Path
    overrides: tuple[str, ...]


def add_source(parser: argparse.ArgumentParser) -> None:
    """Adds the table and the overrides to the parser of an action."""
    parser.add_argument("table", metavar="TABLE", help="CSV, TSV, Parquet, or a folder per class; or data.path=TABLE")
    parser.add_argument(
        "overrides",
        nargs="*",
        default=[],  # else argparse calls them required
        metavar="KEY=VALUE",
        help="as for train.py: labels=emotions data.group=artist data.rows=votes; columns of the usual names "
        "(label or emotion, votes:*, artist, tags) are found without",
    )


def table_and_overrides(arguments: argparse.Namespace) -> tuple[Path, list[str]]:
    """The table and the overrides; a `data.path` among these is the table, whatever stands before it.

    Raises:
        UserError: if there are only overrides, and none is `data.path`.
    """
    from emotionart.errors import UserError
    from emotionart.quoting import unquote

    first: str = arguments.table
    is_override = re.match(r"[+~]*[\w./@]+=", first) is not None and not Path(first).exists()
    overrides = [*([first] if is_override else []), *arguments.overrides]
    paths = [unquote(value) for key, _, value in (text.partition("=") for text in overrides) if key == "data.path"]
    if is_override and not paths:
        raise UserError("No table or folder is named.", where=first, fix=f"TABLE {shlex.quote(first)}")
    return Path(paths[-1] if paths else first), overrides


def name_of_table(table: Path) -> str:
    """The name of a table without its ending, or of a folder, for what is written about it; also of "." and ".."."""
    named = with_name(table)
    return named.name if named.is_dir() else named.stem


def read_arguments(table: Path, overrides: Sequence[str]) -> DataArguments:
    """Reads the source of the artworks and the grouping from the arguments.

    Args:
        table, overrides: as from `table_and_overrides`.

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

    named = {item.partition("=")[0] for item in overrides}
    data = "folder" if table.is_dir() and not metadata_tables(table) else "table"
    usual = [*_source(data, table), "labels=as_is"]
    defaults = [item for item in usual if item.partition("=")[0] not in named]
    unusual = {"data.separator", "data.columns"} & named  # with these, the configuration reads the columns
    columns = {} if data == "folder" or unusual else _usual_columns(read_header(table), named)
    guessed = [f"{key}={value}" for key, value in columns.items()]
    if guessed:
        write_lines(f"found in the table: {' '.join(guessed)}")
    composed = compose([*defaults, *guessed, *overrides])
    others = {override_key(text).partition(".")[0] for text in overrides} - {*DATA_GROUPS, "cache"}
    raise_together(check(composed) if others else check_data(composed))
    config: Any = composed.config
    source, grouping = instantiate(config.data), instantiate(config.labels)
    return DataArguments(table, source, grouping, Path(config.cache), (*defaults, *guessed, *overrides))


def train_command(table: Path, *overrides: str) -> str:
    """The shell command that trains on a table."""
    return shlex.join(["python", "train.py", *_source("table", table), *overrides])


def _source(data: str, path: Path) -> list[str]:
    """The overrides for `data` and its path, quoted unless Hydra can read it as it is."""
    from emotionart.quoting import quote_if_needed

    return [f"data={data}", f"data.path={quote_if_needed(str(path))}"]


def _usual_columns(header: list[str], named: set[str]) -> dict[str, str]:
    """Configuration key -> its column, for those that are not named and have a usual name."""
    from emotionart.data.tables.importers.imported import VOTES
    from emotionart.data.tables.layouts.missing_columns import label_column
    from emotionart.quoting import quote_if_needed

    columns = {}
    if "data.label" not in named and any(name.startswith(VOTES) for name in header):
        columns["data.votes"] = f"{VOTES}*"
    if "image" not in header and "file_name" in header:  # Hugging Face metadata, JSON lines
        columns["data.image"] = "file_name"
    given = {*named, *columns}
    label = label_column(header)
    # Where the column of pictures is unknown, the error for it names the label's too.
    if label not in (None, "label") and "data.votes" not in given and ("image" in header or "data.image" in given):
        columns["data.label"] = quote_if_needed(str(label))
    for key, names in (("data.group", ("artist", "group")), ("data.tags", ("tags",))):
        there = [name for name in names if name in header]
        if there:
            columns[key] = there[0]
    return {key: column for key, column in columns.items() if key not in named}
