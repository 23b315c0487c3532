"""Where many pictures lie: what `predict` and `features` take, and addresses, WebDataset shards and Parquet."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from emotionart.errors import UserError, suggest
from emotionart.predict.parallel.reading import (
    PART,
    holds_pictures,
    is_address,
    is_picture,
    list_files,
    read_shard,
    read_table,
)
from emotionart.predict.pictures import resolve_pictures

_SHARDS = (".tar", ".tar.gz", ".tgz")
_TABLE = ".parquet"


@dataclass(frozen=True)
class Sources:
    """Pictures that have been named; nothing comes twice.

    Attributes:
        files: paths and addresses.
        shards: archives as WebDataset has them, of which all pictures count.
        tables: Parquet files that hold pictures.
        column: of the tables, with the pictures.
    """

    files: tuple[str, ...]
    shards: tuple[str, ...]
    tables: tuple[str, ...]
    column: str

    def readers(self) -> list[Callable[[], Iterator[pa.Table]]]:
        """What processes anywhere may call, each of them once for all pictures: they give tables of `SCHEMA`."""
        chunks = [self.files[start : start + PART] for start in range(0, len(self.files), PART)]
        return [
            *(partial(list_files, chunk) for chunk in chunks),
            *(partial(read_shard, shard) for shard in self.shards),
            *(partial(read_table, table, self.column) for table in self.tables),
        ]


def find_sources(named: Sequence[str], column: str) -> Sources:
    """The pictures that are meant.

    Args:
        named: what `resolve_pictures` takes; addresses ("s3://bucket/folder") of files, folders and patterns; shards
            (.tar, .tar.gz, .tgz) and Parquet files of pictures, by name or pattern.
        column: of a table, that names or holds the pictures.

    Raises:
        UserError: for what is not there or cannot be opened, or holds or matches no picture.
    """
    files: list[str] = []
    shards: list[str] = []
    tables: list[str] = []
    for name in named:
        ending = name.casefold()
        if not (is_address(name) or ending.endswith((*_SHARDS, _TABLE))):
            files += resolve_pictures([name], column)
            continue
        found = _at_address(name) if is_address(name) else _matching(name)
        shards += [file for file in found if file.casefold().endswith(_SHARDS)]
        parquet = [file for file in found if file.casefold().endswith(_TABLE)]
        if parquet and _are_of_pictures(parquet[0], column):
            tables += parquet
        else:  # tables that name pictures
            files += resolve_pictures(parquet, column)
        files += [file for file in found if not file.casefold().endswith((*_SHARDS, _TABLE))]
    files, shards, tables = (list(dict.fromkeys(each)) for each in (files, shards, tables))
    return Sources(tuple(files), tuple(shards), tuple(tables), column)


def _matching(name: str) -> list[str]:
    magic = glob.has_magic(name) and not Path(name).exists()
    found = sorted(glob.glob(name, recursive=True)) if magic else [name]  # noqa: PTH207, which takes no absolute one
    missing = [file for file in found if not Path(file).is_file()]
    if missing or not found:
        raise UserError("There is no such file.", where=name)
    return found


def _at_address(name: str) -> list[str]:
    try:
        system, path = fsspec.url_to_fs(name)
        if glob.has_magic(path):
            files = system.glob(path)
            found = sorted(file for file in files if is_picture(file) or file.casefold().endswith((*_SHARDS, _TABLE)))
        elif system.isdir(path):
            found = sorted(file for file in system.find(path) if is_picture(file))
        else:
            found = [path] if system.exists(path) else []
    except Exception as error:  # every store has exceptions of its own: credentials, network, a package that is missing
        raise UserError(f"This address cannot be opened: {error}.", where=name) from None
    if not found:
        raise UserError("There is no picture at this address.", where=name)
    return [system.unstrip_protocol(file) for file in found]


def _are_of_pictures(table: str, column: str) -> bool:
    """Whether a Parquet file holds pictures; at an address, it must."""
    try:
        with fsspec.open(table, "rb") as file:
            schema = pq.read_schema(file)
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"This table cannot be read: {error}.", where=table) from None
    holding = holds_pictures(schema, column)
    if is_address(table) and not holding:
        raise UserError(
            f"This table has no column {column!r} that holds pictures; it has {', '.join(schema.names)}.",
            where=table,
            suggestions=suggest(column, schema.names),
            fix="--image COLUMN",
        )
    return holding
