"""Reading files, and writing them atomically: a file is complete or absent."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from emotionart.errors import Failure, UserError

DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Error numbers that mean a full disk."""


def with_name(path: Path) -> Path:
    """The path; resolved where it has no name of its own, as "." and ".." have none. A link keeps its own."""
    return path.resolve() if path.name in ("", "..") else path


def failure_of(error: OSError, fix: str = "the same command again") -> Failure:
    """The message for an operating-system error: a full disk, a missing permission, a file that is gone.

    Args:
        error: the error as raised.
        fix: what to do once there is space on the disk.
    """
    where = " → ".join(os.fsdecode(name) for name in (error.filename, error.filename2) if name is not None) or None
    if error.errno in DISK_FULL:
        return Failure(f"The disk is full: {error.strerror}.", where=where, fix=f"free some space, then {fix}")
    return Failure(f"{error.strerror or error}.", where=where)


def from_here(path: Path) -> Path:
    """A path as people read it: relative to the working folder if it lies within."""
    here = Path.cwd()
    return path.relative_to(here) if path != here and path.is_relative_to(here) else path


def ensure_absent(path: Path, option: str = "--out") -> None:
    """Checks, before anything is computed, that an output path is free and writable.

    Args:
        path: output file or folder.
        option: option that names it, for the message.

    Raises:
        UserError: if the path exists, a file stands where a folder is needed, or nothing can be written there.
    """
    other = f"another {option}"
    if path.exists():
        kind = "folder" if path.is_dir() else "file"
        raise UserError(f"This {kind} exists already; no file is overwritten.", where=str(path), fix=other)
    above = _nearest_existing(path.absolute().parent)
    if not above.is_dir():
        raise UserError("This is a file, not a folder to write into.", where=str(above), fix=other)
    try:
        with TemporaryFile(dir=above):
            pass
    except OSError as error:
        raise UserError(f"Nothing can be written here: {error.strerror}.", where=str(above), fix=other) from None


def may_access(path: str | bytes | Path, mode: int) -> bool:
    """Whether this process may read (`os.R_OK`) or write (`os.W_OK`) a path, as its effective user where known."""
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def why_no_folder(path: Path) -> str | None:
    """Why a folder neither exists nor can be made; None if it exists or can be made."""
    there = _nearest_existing(path.absolute())
    if not there.is_dir():
        return f"{there} is not a folder"
    if there == path.absolute():
        return None
    try:
        with TemporaryFile(dir=there):
            return None
    except OSError:
        return f"{there} cannot be written to"


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Context with a temporary path beside `path`, renamed to `path` when the block ends without an error.

    Readers see all of the file or folder or nothing, even if the process is killed. Missing parent folders are made.
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


@contextmanager
def written_together(last: Path) -> Iterator[Path]:
    """Context with a temporary folder whose files are moved beside `last` when the block ends without an error.

    `last` is moved last: if it exists, so do all the others.
    """
    last.parent.mkdir(parents=True, exist_ok=True)
    folder = last.with_name(f".{last.name}.{os.getpid()}")
    folder.mkdir()
    try:
        yield folder
        for file in sorted(folder.iterdir(), key=lambda file: file.name == last.name):
            file.replace(last.with_name(file.name))
    finally:
        shutil.rmtree(folder)


def relative_names(paths: Sequence[str]) -> list[str]:
    """Each file's path relative to the deepest folder that holds them all: names that are short and still differ."""
    full = [Path(path).absolute() for path in paths]
    home = os.path.commonpath([path.parent for path in full]) if full else ""
    return [str(path.relative_to(home)) for path in full]


def resolved(paths: Iterable[str]) -> list[str]:
    """Paths of files without links; each folder is resolved only once, which is faster for many files."""
    folder = cache(Path.resolve)
    files = map(Path, paths)
    return [str(file.resolve() if file.is_symlink() else folder(file.parent) / file.name) for file in files]


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 text atomically."""
    with atomic_write(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_json(path: Path, content: Any) -> None:
    """Writes JSON atomically."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def damaged(path: Path, reason: Exception | str) -> UserError:
    """The error for a file with other contents than expected; the reason becomes one line."""
    return UserError(f"This file is damaged: {' '.join(str(reason).split())}.", where=str(path))


def read_json(path: Path) -> Any:
    """The content of a JSON file.

    Raises:
        UserError: if the file is damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise damaged(path, error) from None


def read_yaml(path: Path, *keys: str) -> Any:
    """The content of a YAML file, plain values only.

    Raises:
        UserError: if the file is damaged or lacks one of `keys`; a truncated file may still be valid YAML.
    """
    import yaml

    try:
        # The C loader is ten times as fast, but PyYAML may have been built without it.
        content = yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (ValueError, yaml.YAMLError) as error:
        raise damaged(path, error) from None
    missing = [key for key in keys if not (isinstance(content, dict) and key in content)]
    if missing:
        raise damaged(path, f"it has no {', '.join(missing)}")
    return content


def _nearest_existing(path: Path) -> Path:
    """An absolute path if it exists, else the nearest folder above it that does."""
    return next(folder for folder in (path, *path.parents) if folder.exists())
