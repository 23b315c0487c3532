"""Files that are whole or absent, and never written over."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emotionart.errors import UserError


def ensure_absent(path: Path) -> None:
    """Before anything is computed for it: nothing lies at a place that a command was told to write to.

    Raises:
        UserError: if something does, or a file stands where a folder must be made.
    """
    if path.exists():
        kind = "folder" if path.is_dir() else "file"
        raise UserError(f"This {kind} exists; nothing is written over.", where=str(path), fix="another --out")
    above = next(folder for folder in path.absolute().parents if folder.exists())
    if not above.is_dir():
        raise UserError("This is a file, not a folder to write into.", where=str(above), fix="another --out")


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """A name beside `path` for a file or folder that takes its place when the block ends well.

    A reader, or a killed process, sees all of it or nothing. The folder above is made if it is missing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield partial
        partial.replace(path)
    finally:
        if partial.is_dir():
            shutil.rmtree(partial)
        else:
            partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 in one step."""
    with atomic_write(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_json(path: Path, content: Any) -> None:
    """Writes JSON in one step."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """The content of a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))
