"""A folder with one table per part of a split, Hugging Face's layout of data sets.

`train/metadata.csv` beside the pictures of train, `train-00000-of-00002.parquet` with embedded pictures, `train.csv`,
`train_labels.csv` beside the folder `train`.
"""

from __future__ import annotations

import re
from pathlib import Path

from emotionart.data.tables.splits.parts import part_of

FILE_NAME = "file_name"
"""The column with the paths of pictures, relative to the table's folder."""

PART = "part of the folder"
"""The column with the name of the part that each row was read from."""

_TABLES = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
_LABELS = re.compile(r"labels?|annotations?|metadata", re.IGNORECASE)
_ENDINGS = (".csv", ".tsv", ".jsonl", ".json")


def metadata_tables(folder: Path) -> dict[str, Path]:
    """Name of each part -> its table, sorted by name; empty if the folder does not have this layout."""
    if not folder.is_dir():
        return {}
    homes = part_folders(folder)
    inside = {home.name: _table_in(home) for home in homes}
    by_part = {name: table for name, table in inside.items() if table is not None}
    if by_part:
        return by_part
    holds_classes = any(map(_may_hold_classes, homes or [folder]))
    files = [item for home in (folder, folder / "data") if home.is_dir() for item in sorted(home.iterdir())]
    tables = {item.stem: item for item in files if item.is_file() and part_of(item.stem)}
    labels = {part: item for item in files if item.is_file() and (part := part_of(_LABELS.sub("", item.stem)))}
    tables = {**labels, **tables} if labels.keys() - {part_of(name) for name in tables} else tables
    for endings in ((".parquet",), _ENDINGS):
        alike = {name: table for name, table in tables.items() if table.suffix.casefold() in endings}
        if (endings == (".parquet",) or not holds_classes) and len({part_of(name) for name in alike}) > 1:
            return alike
    return {}


def _table_in(home: Path) -> Path | None:
    """The table of a part's folder: of a usual name, or the only one, unless class folders lie beside it."""
    usual = next((home / name for name in _TABLES if (home / name).is_file()), None)
    tables = [item for item in home.iterdir() if item.suffix.casefold() in _ENDINGS[:3] and item.is_file()]
    return usual or (tables[0] if len(tables) == 1 and not _may_hold_classes(home) else None)


def _may_hold_classes(folder: Path) -> bool:
    """Whether a folder holds several others, which may be classes; a single one holds the pictures."""
    return sum(item.is_dir() for item in folder.iterdir()) > 1


def part_folders(folder: Path) -> list[Path]:
    """The folders in a folder that are named like parts of a split."""
    return sorted(item for item in folder.iterdir() if item.is_dir() and part_of(item.name))
