"""Resolves names of pictures: files, folders, patterns, and tables that name them."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emotionart.data.pictures.endings import has_picture_ending
from emotionart.data.tables.cells import read_cells
from emotionart.data.tables.formats.records import RECORD_ENDINGS
from emotionart.data.tables.layouts.picture_paths import find_pictures as find_named
from emotionart.data.tables.layouts.roots import home_of
from emotionart.errors import UserError, suggest
from emotionart.inputs.feature_table import find_pictures

if TYPE_CHECKING:
    import pyarrow as pa

SHARD_ENDINGS = (".tar", ".tar.gz", ".tgz")
"""Endings of archives of pictures, which only Ray Data reads."""

PARQUET_ENDING = ".parquet"
"""Ending of tables that name pictures, or that hold them, which only Ray Data reads."""

HOLDER_ENDINGS = (*SHARD_ENDINGS, PARQUET_ENDING)
"""Endings of all files that can hold pictures."""

_TABLES = (".csv", ".tsv", ".tab", *RECORD_ENDINGS)


def is_address(name: str) -> bool:
    """Whether a name is an address, such as "s3://bucket/folder", rather than a path."""
    return "://" in name


def holds_pictures(schema: pa.Schema, column: str) -> bool:
    """Whether a column holds the bytes of files, by themselves or with paths as in Hugging Face's datasets."""
    import pyarrow as pa

    if column not in schema.names:
        return False
    kind = schema.field(column).type
    if pa.types.is_struct(kind):
        return bool(kind.get_field_index("bytes") >= 0)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def resolve_pictures(named: Sequence[str], column: str) -> list[str]:
    """The paths of the named pictures, in order and without repeats.

    Args:
        named: files, folders (with all pictures in them and their subfolders), patterns ("art/**/*.jpg") and tables.
        column: column of a table that holds paths relative to the table.

    Raises:
        UserError: for a missing file, a name that stands for no picture, or a table without that column.
    """
    pictures: list[str] = []
    for name in named:
        path = Path(name)
        if glob.has_magic(name) and not path.exists():
            pictures += _matching(name)
        elif path.suffix.casefold() in _TABLES and path.is_file():
            pictures += _in_table(path, column)
        else:
            pictures += find_pictures([path])
    return list(dict.fromkeys(pictures))


def _matching(pattern: str) -> list[str]:
    matching = glob.iglob(pattern, recursive=True)  # noqa: PTH207, since Path.glob takes no absolute pattern
    files = list(filter(has_picture_ending, matching))
    if not files:
        holders = pattern.casefold().endswith(HOLDER_ENDINGS)
        fix = "--engine ray --out FOLDER   if the files hold pictures" if holders else None
        raise UserError("No picture matches this pattern.", where=pattern, fix=fix)
    return sorted(files)


def _in_table(path: Path, column: str) -> list[str]:
    cells = read_cells(path)
    if column not in cells.columns:
        raise UserError(
            f"This table has no column {column!r}; it has {', '.join(cells.columns)}.",
            where=str(path),
            suggestions=suggest(column, cells.columns),
            fix="--image COLUMN",
        )
    names = [name for name in cells[column] if name]
    if not names:
        raise _no_names(path, column)
    home = home_of(path) if path.is_symlink() else path.parent  # other paths are shown as they were given
    located = find_named(names, np.arange(len(names), dtype=np.intp), path, home, None)
    if located.missing.all():
        raise UserError(f"None of the {len(names)} pictures that this table names is there.", where=str(path))
    return [str(item) for item in located.paths]


def _no_names(path: Path, column: str) -> UserError:
    """The error for a column of empty cells, or of pictures themselves."""
    import pyarrow.parquet as pq

    if path.suffix.casefold() == PARQUET_ENDING and holds_pictures(pq.read_schema(path), column):
        what = f"Column {column!r} of this table holds pictures, not their names."
        return UserError(what, where=str(path), fix="--engine ray --out FOLDER   which reads them")
    return UserError(f"Column {column!r} of this table is empty.", where=str(path), fix="--image COLUMN")
