"""Reads an offline run of Weights & Biases back: a LevelDB log of protocol buffers."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import wandb
from wandb.proto.wandb_internal_pb2 import Record

_FILE_HEADER, _BLOCK, _RECORD_HEADER = 7, 32 * 1024, 7
_WHOLE, _FIRST, _LAST = 1, 2, 4


@dataclass
class OfflineRun:
    """What a run has logged."""

    id: str = ""
    name: str = ""
    group: str = ""
    job_type: str = ""
    notes: str = ""
    tags: tuple[str, ...] = ()
    exit_code: int | None = None
    preempting: bool = False
    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    artifacts: dict[str, Path] = field(default_factory=dict)  # the files of all artifacts, and where they lie
    made: dict[str, str] = field(default_factory=dict)  # artifacts: kind by name
    used: dict[str, str] = field(default_factory=dict)  # those that it was made from
    digests: dict[str, str] = field(default_factory=dict)  # of both: what tells the server that they are the same
    console: list[str] = field(default_factory=list)  # lines of the tab Logs


def read_offline_runs(folder: Path) -> list[OfflineRun]:
    """The runs that lie under a run folder, in the order in which they were started.

    W&B's service writes the end of a run after the run has been told that it is finished; its own end is waited for.
    """
    wandb.teardown()
    return [_read(file) for file in sorted(folder.glob("wandb/offline-run-*/*.wandb"))]


def _read(file: Path) -> OfflineRun:
    run = OfflineRun()
    for record in _records(file.read_bytes()):
        kind = record.WhichOneof("record_type")
        if kind == "run":
            run.id, run.name, run.group = record.run.run_id, record.run.display_name, record.run.run_group
            run.job_type, run.notes, run.tags = record.run.job_type, record.run.notes, tuple(record.run.tags)
            run.config |= _items(record.run.config.update)
        elif kind == "config":
            run.config |= _items(record.config.update)
        elif kind == "summary":
            run.summary |= _items(record.summary.update)
        elif kind == "history":
            run.history.append(_items(record.history.item))
        elif kind == "artifact":
            artifacts = run.used if record.artifact.use_after_commit else run.made
            artifacts[record.artifact.name] = record.artifact.type
            run.digests[record.artifact.name] = record.artifact.digest
            contents = record.artifact.manifest.contents
            run.artifacts |= {content.path: Path(content.local_path) for content in contents}
        elif kind == "output_logger":
            run.console += record.output_logger.line.splitlines()
        elif kind == "preempting":
            run.preempting = True
        elif kind == "exit":
            run.exit_code = record.exit.exit_code
    return run


def _items(items: Any) -> dict[str, Any]:
    return {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}


def _records(data: bytes) -> Iterator[Record]:
    place, parts = _FILE_HEADER, b""
    while place + _RECORD_HEADER <= len(data):
        if _BLOCK - place % _BLOCK < _RECORD_HEADER:
            place += _BLOCK - place % _BLOCK
            continue
        _, length, kind = struct.unpack("<IHB", data[place : place + _RECORD_HEADER])
        place += _RECORD_HEADER
        parts = (b"" if kind in (_WHOLE, _FIRST) else parts) + data[place : place + length]
        place += length
        if kind in (_WHOLE, _LAST):
            yield Record.FromString(parts)
