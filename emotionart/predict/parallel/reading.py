"""Reads many pictures in a process: from files and addresses, WebDataset shards, Parquet."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from emotionart.data.pictures.decode import PictureError, read_file
from emotionart.data.pictures.endings import has_picture_ending
from emotionart.errors import UserError
from emotionart.predict.pictures import holds_pictures, is_address

PART = 512
"""Number of pictures in one table; also about the size of a part of the result, and what a killed job loses."""

SCHEMA = pa.schema({"image": pa.string(), "content": pa.large_binary(), "reason": pa.string()})
"""One row for each picture: its name, the bytes of its file (null until read), and why it cannot be read, or ""."""

Row = tuple[str, bytes | None, str]

_AT_ONCE = 16  # files that a process reads at a time, since object stores are slow to answer


def list_files(files: Sequence[str]) -> Iterator[pa.Table]:
    """Rows without contents: `read_contents` reads those of pictures that are not done yet."""
    yield _table([(file, None, "") for file in files])


def read_shard(shard: str) -> Iterator[pa.Table]:
    """The pictures of an archive, named `SHARD/MEMBER`, in tables of at most `PART` rows.

    Links are not followed, since an archive is read from its beginning to its end: they count as unreadable.

    Raises:
        UserError: if the archive cannot be read or has two pictures of one name.
    """
    rows: list[Row] = []
    seen = set()
    try:
        with fsspec.open(shard, "rb") as file, tarfile.open(fileobj=file, mode="r|*") as archive:
            for member in archive:
                if member.isdir() or not is_picture(member.name):
                    continue
                if member.name in seen:
                    raise UserError(f"This shard holds two pictures named {member.name}.", where=shard)
                seen.add(member.name)
                content = archive.extractfile(member) if member.isreg() else None
                reason = "" if content else "a link, not a file"
                rows.append((f"{shard}/{member.name}", content.read() if content else None, reason))
                if len(rows) == PART:
                    yield _table(rows)
                    rows = []
    except (tarfile.TarError, OSError, EOFError) as error:
        raise UserError(f"This shard cannot be read: {error}.", where=shard) from None
    if rows:
        yield _table(rows)


def read_table(table: str, column: str) -> Iterator[pa.Table]:
    """The pictures of a Parquet file, in tables of at most `PART` rows.

    They are named `FILE/PATH` if every picture of the file has a path and no two are equal; otherwise all are named
    `FILE/ROW`, counted from 0.

    Raises:
        UserError: if the file cannot be read or the column holds no pictures.
    """
    try:
        with fsspec.open(table, "rb") as file:
            parquet = pq.ParquetFile(file)
            if not holds_pictures(parquet.schema_arrow, column):
                raise UserError(f"This table has no column {column!r} that holds pictures.", where=table)
            names = _names(parquet, column)
            start = 0
            for batch in parquet.iter_batches(PART, columns=[column]):
                values = batch.column(0)
                contents = values.field("bytes") if pa.types.is_struct(values.type) else values
                rows = zip(names[start : start + len(batch)], contents.to_pylist(), strict=True)
                yield _table([(f"{table}/{name}", content, "" if content else "no bytes") for name, content in rows])
                start += len(batch)
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"This table cannot be read: {error}.", where=table) from None


def is_picture(file: str) -> bool:
    """Whether a file's name has the ending of a picture and is not hidden."""
    return has_picture_ending(file) and not PurePosixPath(file).name.startswith(".")


def read_contents(pictures: pa.Table) -> pa.Table:
    """The same rows with all contents, or the reasons why they cannot be read."""
    if not pictures["content"].null_count:
        return pictures
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return _table(list(pool.map(_with_content, pictures.to_pylist())))


def _with_content(row: dict[str, Any]) -> Row:
    image = row["image"]
    if row["content"] is not None or row["reason"]:
        return image, row["content"], row["reason"]
    try:
        return image, _read_address(image) if is_address(image) else read_file(Path(image)), ""
    except PictureError as error:
        return image, None, error.reason


def _read_address(address: str) -> bytes:
    try:
        system, path = fsspec.url_to_fs(address)
        content: bytes = system.cat_file(path)
        return content
    except FileNotFoundError:
        raise PictureError("not there") from None
    except Exception as error:  # every store has exceptions of its own
        raise PictureError(f"cannot be read ({error})") from None


def _names(parquet: pq.ParquetFile, column: str) -> list[str]:
    kind = parquet.schema_arrow.field(column).type
    count = parquet.metadata.num_rows
    if not (pa.types.is_struct(kind) and kind.get_field_index("path") >= 0):
        return [str(row) for row in range(count)]
    paths: list[str] = parquet.read(columns=[f"{column}.path"]).column(0).combine_chunks().field("path").to_pylist()
    usable = all(paths) and len(set(paths)) == count
    return paths if usable else [str(row) for row in range(count)]


def _table(rows: Sequence[Row]) -> pa.Table:
    columns: Any = zip(*rows, strict=True)
    return pa.table(list(columns), schema=SCHEMA)
