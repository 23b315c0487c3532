"""Tables that are not text: Parquet, JSON, JSON lines and workbooks, as cells; pictures inside become files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emotionart.errors import UserError
from emotionart.files import atomic_write

if TYPE_CHECKING:
    import pandas as pd

_KINDS = ((b"\xff\xd8", ".jpg"), (b"\x89PNG", ".png"), (b"GIF8", ".gif"), (b"RIFF", ".webp"), (b"BM", ".bmp"))

RECORD_ENDINGS = (".parquet", ".json", ".jsonl", ".ndjson", ".xlsx", ".xls", ".ods")


def read_records(path: Path, pictures: Path | None) -> pd.DataFrame:
    """The cells as text, "" where one is missing, indexed by row number from 1.

    Args:
        path: the table; its ending is one of `RECORD_ENDINGS`.
        pictures: folder into which pictures that the table holds are written, each named by its bytes; None leaves
            such cells empty.

    Raises:
        UserError: for a file that is none of its kind, or a workbook that no installed package reads.
    """
    import pandas as pd

    ending = path.suffix.casefold()
    read = (
        _read_parquet if ending == ".parquet" else _read_workbook if ending in (".xlsx", ".xls", ".ods") else _read_json
    )
    frame = read(path).astype(object)
    for name in frame.columns:
        frame[name] = [_cell(value, pictures) for value in frame[name]]
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return frame


def parquet_columns(path: Path) -> list[str]:
    """The names of a Parquet file's columns; none where it cannot be read."""
    import pyarrow.parquet

    try:
        return [str(name).strip() for name in pyarrow.parquet.read_schema(path).names]
    except (OSError, ValueError):
        return []


def _read_parquet(path: Path) -> pd.DataFrame:
    import pandas as pd
    import pyarrow.parquet

    try:
        frame = pd.read_parquet(path, dtype_backend="numpy_nullable")  # integers with gaps stay integers
        metadata = pyarrow.parquet.read_schema(path).metadata or {}
    except (OSError, ValueError) as error:
        raise UserError(f"This is not a Parquet file: {error}", where=str(path)) from None
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    for name, classes in _class_names(metadata).items():
        if name in frame.columns and pd.api.types.is_integer_dtype(frame[name].dtype):
            frame[name] = frame[name].map(dict(enumerate(classes)))
    return frame


def _class_names(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    """Names of the classes that numbers stand for, as Hugging Face's `datasets` writes them into the schema."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
    except (KeyError, ValueError, TypeError):
        return {}
    return {
        name: feature["names"]
        for name, feature in features.items()
        if isinstance(feature, Mapping) and feature.get("_type") == "ClassLabel" and "names" in feature
    }


def _read_json(path: Path) -> pd.DataFrame:
    import pandas as pd

    text = path.read_text(encoding="utf-8-sig", errors="replace")
    try:
        try:
            content = json.loads(text)
        except ValueError:
            content = [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError as error:
        raise UserError(f"This is not JSON: {error}", where=str(path)) from None
    if isinstance(content, Mapping):
        content = [content]  # one line of JSON lines
    if not isinstance(content, list) or not all(isinstance(row, Mapping) for row in content):
        raise UserError("A JSON table is a list of objects, or an object on each line.", where=str(path))
    if not content:
        raise UserError("This table is empty.", where=str(path))
    return pd.DataFrame(content)


def _read_workbook(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_excel(path, dtype=str, keep_default_na=False)
    except ImportError as error:
        raise UserError(
            f"A workbook needs a package that is not installed: {error.name or error}.",
            where=str(path),
            fix="save it as CSV, in UTF-8",
        ) from None
    except Exception as error:  # each reader has errors of its own
        raise UserError(f"This is not a workbook: {type(error).__name__}.", where=str(path)) from None


def _cell(value: Any, pictures: Path | None) -> str:
    """One value as text; a picture is written to a file, whose path is the text."""
    import pandas as pd

    if isinstance(value, Mapping) and ("bytes" in value or "path" in value):
        inside = value.get("bytes")
        return _extract(inside, pictures) if inside is not None else str(value.get("path") or "")
    if isinstance(value, bytes):
        return _extract(value, pictures)
    if isinstance(value, np.ndarray | list):
        return str(list(value))
    return "" if pd.isna(value) else str(value)


def _extract(source: bytes, pictures: Path | None) -> str:
    if pictures is None:
        return ""
    ending = next((ending for start, ending in _KINDS if source.startswith(start)), ".img")
    file = pictures / f"{hashlib.blake2b(source, digest_size=16).hexdigest()}{ending}"
    if not file.exists():
        with atomic_write(file) as partial:
            partial.write_bytes(source)
    return str(file.absolute())
