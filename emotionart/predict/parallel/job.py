"""The output folder of a job on many processes: the parts that they have written, and which of these count."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from emotionart.errors import UserError
from emotionart.files import ensure_absent, read_json, write_json


@contextmanager
def open_job(out: Path, basis: Mapping[str, Any]) -> Iterator[Job]:
    """The new or unfinished job of a folder, locked for this process.

    Args:
        out: the folder that the parts become in the end.
        basis: everything that they depend on, as plain values.

    Raises:
        UserError: if another process is working on it, it is a job with another basis, or `out` exists.
    """
    folder = out.absolute().with_name(f"{out.name}.part")
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UserError("Another command is working on this output.", where=str(folder), fix="another --out") from None
    try:
        ensure_absent(out)  # the other command may have finished in between
        yield Job(out, folder, basis)
    finally:
        lock.release()


class Job:
    """The parts in the folder `OUT.part`, and which of them count; `open_job` opens it.

    Ray Data writes the names of a part's pictures to `done.N` before the part, and commits them after it. Each start
    renames that folder, so that a worker that has outlived its job commits nothing more. Parts that are not committed
    are left out in the end.
    """

    def __init__(self, out: Path, folder: Path, basis: Mapping[str, Any]) -> None:
        self._out, self._folder = out, folder
        self.parts, self.bad = folder / "parts", folder / "bad"
        file = folder / "basis.json"
        if not file.exists():
            write_json(file, basis)
        elif read_json(file) != basis:
            raise UserError(
                "Here is an unfinished job of other pictures, runs or options.",
                where=str(folder),
                fix="the command that was interrupted, another --out, or remove the folder",
            )
        shutil.rmtree(self.bad, ignore_errors=True)  # what could not be read is tried again
        self.done = self._start()
        for made in (self.parts, self.bad):
            made.mkdir(exist_ok=True)
        self._rows: dict[str, int] = {}

    def rows(self) -> int:
        """The number of pictures that are done."""
        for file in self.done.glob("*.parquet") if self.done.exists() else ():
            if not file.stem.endswith(".pending") and file.stem not in self._rows:
                self._rows[file.stem] = pq.read_metadata(file).num_rows
        return sum(self._rows.values())

    def reasons(self) -> dict[str, str]:
        """Why pictures cannot be read, by name, without those that a later attempt could read."""
        lines = (line for file in self.bad.iterdir() for line in file.read_text(encoding="utf-8").splitlines())
        reasons = dict(sorted(json.loads(line) for line in lines))
        self.rows()
        for part in self._rows if reasons else ():
            for name in pq.read_table(self.done / f"{part}.parquet", columns=["image"])["image"].to_pylist():
                reasons.pop(name, None)
        return reasons

    def finish(self) -> None:
        """Moves the parts that count to the output folder, and removes the rest."""
        done = self.rows()
        for part in self.parts.iterdir():
            if part.stem.rpartition("-")[0] not in self._rows:
                part.unlink()
        if done:
            self.parts.rename(self._out)
        shutil.rmtree(self._folder)

    def _start(self) -> Path:
        """The folder `done.N` of this start; its names are those that the last start has committed."""
        before = sorted(self._folder.glob("done.*"), key=lambda folder: int(folder.suffix[1:]))
        if not before:
            return self._folder / "done.1"
        *outlived, last = before
        done = self._folder / f"done.{int(last.suffix[1:]) + 1}"
        if self.parts.exists():
            last.rename(done)
        else:  # a finished job has moved them, and was killed before it removed the rest
            outlived = before
        for folder in outlived:
            shutil.rmtree(folder)
        return done
