"""Reading of Parquet, JSON and JSON lines as cells; embedded pictures are written to files."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emotionart.data.pictures.endings import has_picture_ending
from emotionart.data.tables.formats.encoding import decode_text
from emotionart.data.tables.formats.workbook import WORKBOOK_ENDINGS, read_workbook
from emotionart.data.tables.wording import some
from emotionart.errors import UserError
from emotionart.files import atomic_write

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_KINDS = ((b"\xff\xd8", ".jpg"), (b"\x89PNG", ".png"), (b"GIF8", ".gif"), (b"RIFF", ".webp"), (b"BM", ".bmp"))

_LONGEST_TEXT = 1_000  # bytes; a picture may be text, too, as in some PPM files, but is longer

RECORD_ENDINGS = (".parquet", ".json", ".jsonl", ".ndjson", *WORKBOOK_ENDINGS)


def read_records(path: Path, pictures: Path | None, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The cells as text, "" for missing ones, indexed by row number from 1.

    Args:
        path: the table; its ending is one of `RECORD_ENDINGS`.
        pictures: folder into which embedded pictures are written, each named by its hash; None leaves such cells empty.
        columns: names of the columns of a workbook, if they are not in its first row.

    Raises:
        UserError: for a file that does not match its ending, a workbook that no installed package can read, or
            `columns` for another format.
    """
    import pandas as pd

    ending = path.suffix.casefold()
    if ending in WORKBOOK_ENDINGS:
        frame = read_workbook(path, columns).astype(object)
    elif columns is not None:
        raise UserError("The columns of this table have names of their own.", where=f"{path}: data.columns",
                        fix="data.columns=null")  # fmt: skip
    else:
        frame = (_read_parquet if ending == ".parquet" else _read_json)(path).astype(object)
    if frame.empty and not len(frame.columns):
        raise UserError("This table is empty.", where=str(path))
    if ending not in WORKBOOK_ENDINGS:  # whose cells are text, and whose columns may have one name, which is told later
        for name in frame.columns:
            frame[name] = [_cell(value, pictures) for value in frame[name]]
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return frame


def parquet_columns(path: Path) -> list[str]:
    """The column names of a Parquet file; empty if it cannot be read."""
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
    if any(name is not None for name in frame.index.names) or frame.index.dtype == object:
        frame = frame.reset_index()
    for name, classes in _class_names(metadata).items():
        if name in frame.columns:
            frame[name] = [_named(value, classes, name, path) for value in frame[name]]
    return frame


def _class_names(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    """Column -> names of its classes, for columns of class numbers, from the schema metadata of Hugging Face."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
    except (KeyError, ValueError, TypeError):
        return {}
    by_column = {}
    for name, feature in features.items():
        while isinstance(feature, Mapping) and "feature" in feature:
            feature = feature["feature"]
        if isinstance(feature, Mapping) and feature.get("_type") == "ClassLabel" and "names" in feature:
            by_column[name] = feature["names"]
    return by_column


def _named(value: Any, classes: Sequence[str], column: str, path: Path) -> Any:
    """The class name of a number, or the names of a list of numbers; None for -1, as in test parts with hidden labels.

    Raises:
        UserError: for a number without a name.
    """
    import pandas as pd

    if isinstance(value, np.ndarray | list):
        return [_named(item, classes, column, path) for item in value]
    if isinstance(value, str):
        return value
    if pd.isna(value) or value == -1:
        return None
    if not 0 <= value < len(classes):
        raise UserError(f"Column {column!r} holds {value}, but the file names {len(classes)} classes.", where=str(path))
    return classes[int(value)]


def _read_json(path: Path) -> pd.DataFrame:
    import pandas as pd

    text = decode_text(path)
    try:
        content = json.loads(text, object_pairs_hook=partial(_object, path=path))
    except (ValueError, RecursionError) as error:
        content = _lines(text, path, error)
    rows = _rows(content)
    if rows is None:
        raise UserError(
            f"A JSON table is a list of objects, or an object on each line, not {_outline(content)}.",
            where=str(path),
            fix="a few lines of pandas make one of it; docs/other-layouts.md shows how",
        )
    if not any(rows):
        raise UserError("This table is empty.", where=str(path))
    return _flat(pd.DataFrame(rows, dtype=object))  # integers with gaps stay integers


def _object(pairs: Sequence[tuple[str, Any]], path: Path) -> dict[str, Any]:
    """The object of some keys and values in a JSON file.

    Raises:
        UserError: if a key has two values.
    """
    values = dict(pairs)
    if len(values) < len(pairs):
        repeated = next((key for key, value in pairs if value != values[key]), None)
        if repeated is not None:
            raise UserError(f"An object holds the key {repeated!r} with two values.", where=str(path),
                            fix="take one of them out")  # fmt: skip
    return values


def _lines(text: str, path: Path, whole: Exception) -> list[Any]:
    """The values in JSON lines.

    Args:
        text: the text.
        path: path of the file, for messages.
        whole: why the text is no JSON as a whole, which is what counts if its first line is none.
    """
    values: list[Any] = []
    for number, line in enumerate(text.split("\n"), 1):
        try:
            values += [json.loads(line)] if line.strip() else []
        except (ValueError, RecursionError) as one:
            error = one if values else whole
            reason = str(error)
            if isinstance(error, json.JSONDecodeError):
                reason, number = error.msg, number if values else error.lineno
            raise UserError(f"This is not JSON: {reason}.", where=f"{path}: line {number}") from None
    return values


def _rows(content: Any) -> list[Mapping[str, Any]] | None:
    """The rows of a JSON value in a common form: records, columns, or rows by name; None for other forms."""
    if isinstance(content, list):
        return content if all(isinstance(row, Mapping) for row in content) else None
    if not isinstance(content, Mapping):
        return None
    values = list(content.values())
    records = [value for value in values if isinstance(value, list) and value and _rows(value)]
    if records:  # {"data": [{...}]}
        return _rows(records[0]) if len(records) == 1 else None
    if len(values) > 1 and all(map(has_picture_ending, content)):  # {"1.jpg": "joy", "2.jpg": {"label": "joy"}}
        return [
            {"image": name, **(value if isinstance(value, Mapping) else {"label": value})}
            for name, value in content.items()
        ]
    if "columns" in content and isinstance(content.get("data"), list):
        return [dict(zip(content["columns"], row, strict=False)) for row in content["data"]]
    if all(isinstance(value, list) for value in values) and len({len(value) for value in values}) == 1:
        return [dict(zip(content, row, strict=True)) for row in zip(*values, strict=True)]
    if len(values) > 1 and all(isinstance(value, Mapping) for value in values):
        if all(key.isdigit() for value in values for key in value):  # pandas' own: {"image": {"0": ...}, ...}
            return [{name: value.get(key) for name, value in content.items()} for key in values[0]]
        return [{"image": name, **value} for name, value in content.items()]
    return None if any(isinstance(value, list) for value in values) else [content]  # a single JSON line


def _outline(content: Any) -> str:
    if isinstance(content, Mapping):
        return f"an object of {some([repr(name) for name in content], 5)}"
    return (
        "a list of " + ("lists" if any(isinstance(row, list) for row in content) else "values")
        if isinstance(content, list)
        else "a single value"
    )


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with columns of objects flattened to columns "a.b", except objects of pictures or numbers."""
    import pandas as pd

    parts = []
    for name in frame.columns:
        objects = [value for value in frame[name] if isinstance(value, Mapping)]
        numbers = all(isinstance(item, int | float) or item is None for value in objects for item in value.values())
        if not objects or numbers or any("bytes" in value or "path" in value for value in objects):
            parts.append(frame[[name]])
            continue
        inner = pd.DataFrame(
            [value if isinstance(value, Mapping) else {} for value in frame[name]], index=frame.index, dtype=object
        )
        parts.append(_flat(inner.add_prefix(f"{name}.")))
    return pd.concat(parts, axis=1)


def _cell(value: Any, pictures: Path | None) -> str:
    """A value as text; a picture is written to a file and becomes its path."""
    import pandas as pd

    if isinstance(value, Mapping) and ("bytes" in value or "path" in value):
        inside = value.get("bytes")
        return _extract(inside, pictures) if inside is not None else str(value.get("path") or "")
    if isinstance(value, bytes):
        text = _text(value)
        return _extract(value, pictures) if text is None else text
    if isinstance(value, np.ndarray | list | Mapping):
        return json.dumps(value, default=_plain, ensure_ascii=False)
    return "" if pd.isna(value) else str(value)


def _text(value: bytes) -> str | None:
    """The text that bytes hold, as columns of other programs do; None if they are no short text."""
    if len(value) > _LONGEST_TEXT or b"\0" in value:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _plain(value: Any) -> Any:
    """A JSON-serialisable form of a value for `json.dumps`."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    return "" if isinstance(value, bytes) else str(value)


def _extract(source: bytes, pictures: Path | None) -> str:
    if pictures is None:
        return ""
    ending = next((ending for start, ending in _KINDS if source.startswith(start)), ".img")
    file = pictures / f"{hashlib.blake2b(source, digest_size=16).hexdigest()}{ending}"
    if not file.exists():
        with atomic_write(file) as partial:
            partial.write_bytes(source)
    return str(file.absolute())
