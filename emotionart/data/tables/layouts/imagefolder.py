"""Hugging Face's imagefolder: a folder for each part of a split, in it pictures and a table of their labels."""

from __future__ import annotations

from pathlib import Path

from emotionart.data.tables.given_split import part_of

FILE_NAME = "file_name"
"""The column of such a table that names the pictures, relative to its folder."""

_TABLES = ("metadata.csv", "metadata.jsonl", "metadata.parquet")


def metadata_tables(folder: Path) -> dict[str, Path]:
    """The folders of parts that hold a table of labels -> that table, sorted by name; none where it is not a folder."""
    if not folder.is_dir():
        return {}
    homes = sorted(item for item in folder.iterdir() if item.is_dir() and part_of(item.name))
    tables = {home.name: next((home / name for name in _TABLES if (home / name).is_file()), None) for home in homes}
    return {name: table for name, table in tables.items() if table is not None}
