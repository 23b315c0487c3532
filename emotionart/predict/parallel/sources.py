"""Finds many pictures: in files and tables as without Ray, and in addresses, WebDataset shards and Parquet."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from emotionart.errors import UserError, suggest
from emotionart.predict.parallel.reading import (
    PART,
    is_picture,
    list_files,
    read_shard,
    read_table,
)
from emotionart.predict.pictures import (
    HOLDER_ENDINGS,
    PARQUET_ENDING,
    SHARD_ENDINGS,
    holds_pictures,
    is_address,
    resolve_pictures,
)

_AT_ONCE = 16  # tables that are opened at a time


@dataclass(frozen=True)
class Sources:
    """The files that are or hold the named pictures, without repeats, however their paths are written.

    Attributes:
        files: paths and addresses of pictures.
        shards: archives as WebDataset writes them; all pictures in them count.
        tables: Parquet files that hold pictures.
        column: column of the tables that holds the pictures.
    """

    files: tuple[str, ...]
    shards: tuple[str, ...]
    tables: tuple[str, ...]
    column: str

    def readers(self) -> list[Callable[[], Iterator[pa.Table]]]:
        """Functions for any process that yield tables of `SCHEMA`; each picture belongs to one of them."""
        chunks = [self.files[start : start + PART] for start in range(0, len(self.files), PART)]
        return [
            *(partial(list_files, chunk) for chunk in chunks),
            *(partial(read_shard, shard) for shard in self.shards),
            *(partial(read_table, table, self.column) for table in self.tables),
        ]


def find_sources(named: Sequence[str], column: str) -> Sources:
    """The files of the named pictures.

    Args:
        named: what `resolve_pictures` takes; addresses ("s3://bucket/folder") of files, folders and patterns; shards
            (.tar, .tar.gz, .tgz), Parquet files of pictures and `.parquet` folders of them, by name or pattern.
        column: column of a table that names or holds the pictures.

    Raises:
        UserError: for a name that is missing, cannot be opened, or stands for no picture.
    """
    files: list[str] = []
    shards: list[str] = []
    tables: list[str] = []
    for name in named:
        if not (is_address(name) or _ends(name.rstrip("/"), HOLDER_ENDINGS)):
            files += resolve_pictures([name], column)
            continue
        matches = _at_address(name) if is_address(name) else _matching(name)
        shards += [file for file in matches if _ends(file, SHARD_ENDINGS)]
        parquet = [file for file in matches if _ends(file, PARQUET_ENDING)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            holding = dict(zip(parquet, pool.map(partial(_holds_pictures, column=column), parquet), strict=True))
        tables += [table for table in parquet if holding[table]]
        files += resolve_pictures([table for table in parquet if not holding[table]], column)
        files += [file for file in matches if not _ends(file, HOLDER_ENDINGS)]
    return Sources(_distinct(files), _distinct(shards), _distinct(tables), column)


def _ends(name: str, endings: str | tuple[str, ...]) -> bool:
    return name.casefold().endswith(endings)


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    """The first name of each file."""
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(name if is_address(name) else str(Path(name).resolve()), name)
    return tuple(first.values())


def _matching(name: str) -> list[str]:
    magic = glob.has_magic(name) and not Path(name).exists()
    paths = sorted(glob.glob(name, recursive=True)) if magic else [name]  # noqa: PTH207, which takes no absolute one
    files = [file for path in map(Path, paths) for file in (_inside(path) if path.is_dir() else [path])]
    if not files or not all(file.is_file() for file in files):
        raise UserError("There is no such file.", where=name)
    return [str(file) for file in files]


def _inside(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file() and _ends(file.name, HOLDER_ENDINGS))


def _at_address(name: str) -> list[str]:
    try:
        system, path = fsspec.url_to_fs(name)
        if glob.has_magic(path) and not system.exists(path):  # signed addresses have a "?"
            files = sorted(file for file in system.glob(path) if is_picture(file) or _ends(file, HOLDER_ENDINGS))
        elif system.isdir(path):
            holder = _ends(path.rstrip("/"), HOLDER_ENDINGS)
            files = sorted(f for f in system.find(path) if (_ends(f, HOLDER_ENDINGS) if holder else is_picture(f)))
        else:
            files = [path] if system.exists(path) else []
    except Exception as error:  # every store has exceptions of its own: credentials, network, a package that is missing
        raise UserError(f"This address cannot be opened: {error}.", where=name) from None
    if not files:
        raise UserError("There is no picture at this address.", where=name)
    return [system.unstrip_protocol(file) for file in files]


def _holds_pictures(table: str, column: str) -> bool:
    """Whether a Parquet file holds pictures; one at an address must."""
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
